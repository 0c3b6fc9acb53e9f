//! The one list of methods. A new estimator is its file, a line here, and its page in docs/.

/// Hands the list to another macro, which makes of it what its folder needs: the names
/// ([`Method`](crate::Method)) or the configurations
/// ([`MethodConfig`](crate::estimator::MethodConfig)). A line is a variant, the name in commands
/// and files, and the configuration as a path in `estimator/`. Reports list methods in this order,
/// and figures colour them by it.
macro_rules! methods {
    ($with:ident) => {
        $with! {
            /// Enumeration.
            Exact "exact" exact::Exact;
            /// Annealed importance sampling.
            Ais "ais" ais::Ais;
            /// Annealing from the model down.
            ReverseAis "reverse-ais" reverse_ais::ReverseAis;
            /// Annealing both ways, joined by Bennett's acceptance ratio.
            Bar "bar" bar::Bar;
            /// Parallel tempering, joined by the multistate acceptance ratio.
            Tempering "tempering" tempering::Tempering;
            /// Thermodynamic integration over the temperatures of parallel tempering.
            Integration "ti" tempering::Integration;
            /// The weight of the states that data show, a lower bound of ln Z.
            DataBound "data-bound" data_bound::DataBound;
            /// Naive mean field, the Plefka expansion to first order.
            MeanField "mf" mean_field::MeanField;
            /// TAP, the Plefka expansion to second order.
            Tap2 "tap2" mean_field::MeanField;
            /// The Plefka expansion to third order.
            Tap3 "tap3" mean_field::MeanField;
            /// Belief propagation, the Bethe free energy.
            Bethe "bethe" bethe::Bethe;
            /// A mixture of mean fields, a certain lower bound of ln Z.
            Mixture "mf-mixture" mixture::MeanFieldMixture;
            /// The way to a checked number that fits the model.
            Auto "auto" auto::Auto;
        }
    };
}
