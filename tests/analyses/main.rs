//! The analyses: their tables, made again on a small grid, must say what the committed tables say.
#![cfg(feature = "plot")]
// Every analysis is a program of its own and brings the file that some of them share.
#![allow(clippy::duplicate_mod)]

#[path = "../common/mod.rs"]
mod common;

mod adam_gibbs;
mod discriminative;
mod effective_temperature;
mod emf_and_backprop;
mod emf_judges_ais;
mod emf_training;
mod entropy_of_trained_rbm;
mod figures;
mod funnel;
mod gauntlet;
mod hopfield_phase_diagram;
mod local_entropy;
mod norm_control_in_training;
mod open_case;
mod published_study;
mod rem_entropy_crisis;
mod residual_entropy;
mod sandwich;
mod smoother_landscape;
mod table;
mod tap_error_map;
mod tap_vs_ais;
mod trajectory;
mod untied_weights;
mod weight_norm_of_trained_models;
mod weight_norm_phase_diagram;
mod weights_entropy;
