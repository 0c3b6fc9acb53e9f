//! The pickle of a PyTorch state_dict, read and never run.
//!
//! A pickle is a program for a stack machine, and one of its instructions calls any function of
//! Python. Here is a machine that knows the few instructions that dictionaries of tensors are made
//! of, builds plain data from them, and knows by name the four functions that stand in such a file;
//! every other name is refused.

use std::collections::HashMap;

/// A value, small enough to be copied; what is larger stands in the arena.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Item {
    /// None.
    None,
    /// True or False.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A function or a type, by its place among the [`GLOBALS`].
    Global(usize),
    /// A place in the arena.
    At(usize),
}

/// What stands in the arena.
#[derive(Debug, Clone)]
pub enum Node {
    /// A string.
    Text(String),
    /// A tuple or a list.
    Sequence(Vec<Item>),
    /// A dictionary.
    Dict(Vec<(Item, Item)>),
    /// The numbers behind tensors: the type's name, and the key of the entry in the archive.
    Storage(&'static str, String),
    /// A tensor: its storage, the first element, the shape and the strides.
    Tensor(TensorNode),
}

/// A tensor as PyTorch rebuilds it.
#[derive(Debug, Clone)]
pub struct TensorNode {
    /// The type of the storage, such as `FloatStorage`.
    pub kind: &'static str,
    /// The key of the storage's entry.
    pub key: String,
    /// The first element, in elements.
    pub offset: i64,
    /// The shape.
    pub shape: Vec<i64>,
    /// The distance between neighbours along each axis, in elements.
    pub strides: Vec<i64>,
}

/// Why a pickle is not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It calls this function or builds an object of this type.
    Foreign(String),
    /// It is not what a dictionary of tensors looks like.
    Strange(&'static str),
}

/// The names that a dictionary of tensors needs: nothing of them is ever run.
const GLOBALS: &[&str] = &[
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_parameter",
    "collections.OrderedDict",
    "torch.FloatStorage",
    "torch.DoubleStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.ShortStorage",
    "torch.IntStorage",
    "torch.LongStorage",
    "torch.BoolStorage",
];
const REBUILD_TENSOR: usize = 0;
const REBUILD_PARAMETER: usize = 1;
const ORDERED_DICT: usize = 2;

/// The machine after its last instruction.
pub struct Pickle {
    /// All larger values.
    pub arena: Vec<Node>,
    /// The result.
    pub top: Item,
}

/// Runs nothing: reads the instructions and builds what they describe. Memory grows with the length
/// of the text.
pub fn read(text: &[u8]) -> Result<Pickle, Refusal> {
    let mut machine =
        Machine { rest: text, stack: Vec::new(), marks: Vec::new(), memo: HashMap::new(), arena: Vec::new() };
    loop {
        let code = machine.take(1)?[0];
        if code == b'.' {
            let top = machine.pop()?;
            return Ok(Pickle { arena: machine.arena, top });
        }
        machine.step(code)?;
    }
}

struct Machine<'a> {
    rest: &'a [u8],
    stack: Vec<Item>,
    marks: Vec<usize>,
    memo: HashMap<u32, Item>,
    arena: Vec<Node>,
}

const CUT: Refusal = Refusal::Strange("ends too early");
const SHAPE: Refusal = Refusal::Strange("does not describe tensors as PyTorch does");

impl<'a> Machine<'a> {
    fn step(&mut self, code: u8) -> Result<(), Refusal> {
        match code {
            0x80 => _ = self.take(1)?, // the version of the protocol
            0x95 => _ = self.take(8)?, // the length of a frame
            b'N' => self.stack.push(Item::None),
            0x88 => self.stack.push(Item::Bool(true)),
            0x89 => self.stack.push(Item::Bool(false)),
            b'J' => self.push_int(4, true)?,
            b'K' => self.push_int(1, false)?,
            b'M' => self.push_int(2, false)?,
            0x8a => {
                let length = usize::from(self.take(1)?[0]);
                if length > 8 {
                    return Err(Refusal::Strange("holds an integer of more than 64 bits"));
                }
                self.push_int(length, true)?;
            }
            b'G' => {
                let bytes = self.take(8)?.try_into().map_err(|_| CUT)?;
                self.stack.push(Item::Float(f64::from_be_bytes(bytes)));
            }
            b'X' => {
                let length = self.length()?;
                self.push_text(length)?;
            }
            0x8c => {
                let length = usize::from(self.take(1)?[0]);
                self.push_text(length)?;
            }
            b'q' => {
                let place = u32::from(self.take(1)?[0]);
                self.put(place)?;
            }
            b'r' => {
                let place = self.length()? as u32;
                self.put(place)?;
            }
            0x94 => {
                let place = self.memo.len() as u32;
                self.put(place)?;
            }
            b'h' => {
                let place = u32::from(self.take(1)?[0]);
                self.get(place)?;
            }
            b'j' => {
                let place = self.length()? as u32;
                self.get(place)?;
            }
            b'(' => self.marks.push(self.stack.len()),
            b')' | b']' => self.push(Node::Sequence(Vec::new())),
            b'}' => self.push(Node::Dict(Vec::new())),
            b't' | b'l' => {
                let items = self.since_mark()?;
                self.push(Node::Sequence(items));
            }
            0x85..=0x87 => {
                let items = self.pop_many(usize::from(code - 0x84))?;
                self.push(Node::Sequence(items));
            }
            b's' => {
                let pair = self.pop_many(2)?;
                self.set_items(&pair)?;
            }
            b'u' => {
                let items = self.since_mark()?;
                self.set_items(&items)?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(&[item])?;
            }
            b'e' => {
                let items = self.since_mark()?;
                self.append(&items)?;
            }
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push_global(&module, &name)?;
            }
            0x93 => {
                let names = self.pop_many(2)?;
                let (module, name) = (self.text(names[0])?.to_owned(), self.text(names[1])?.to_owned());
                self.push_global(&module, &name)?;
            }
            b'Q' => self.storage()?,
            b'R' => self.call()?,
            // The state of a dictionary: the versions of PyTorch's modules.
            b'b' => {
                let _state = self.pop()?;
                let target = *self.stack.last().ok_or(CUT)?;
                if !matches!(target, Item::At(at) if matches!(self.arena[at], Node::Dict(_))) {
                    return Err(SHAPE);
                }
            }
            _ => return Err(Refusal::Strange("uses an instruction that dictionaries of tensors do not need")),
        }
        Ok(())
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8], Refusal> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(CUT)?;
        self.rest = rest;
        Ok(taken)
    }

    fn length(&mut self) -> Result<usize, Refusal> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into().map_err(|_| CUT)?) as usize)
    }

    fn line(&mut self) -> Result<String, Refusal> {
        let end = self.rest.iter().position(|byte| *byte == b'\n').ok_or(CUT)?;
        let line = self.take(end + 1)?;
        Ok(String::from_utf8_lossy(&line[..end]).into_owned())
    }

    fn push(&mut self, node: Node) {
        self.stack.push(Item::At(self.arena.len()));
        self.arena.push(node);
    }

    fn push_int(&mut self, count: usize, signed: bool) -> Result<(), Refusal> {
        let bytes = self.take(count)?;
        let negative = signed && bytes.last().is_some_and(|byte| byte & 0x80 != 0);
        let mut wide = [if negative { 0xff } else { 0 }; 8];
        wide[..count].copy_from_slice(bytes);
        self.stack.push(Item::Int(i64::from_le_bytes(wide)));
        Ok(())
    }

    fn push_text(&mut self, length: usize) -> Result<(), Refusal> {
        let text =
            std::str::from_utf8(self.take(length)?).map_err(|_| Refusal::Strange("holds text that is not UTF-8"))?;
        self.push(Node::Text(text.to_owned()));
        Ok(())
    }

    fn push_global(&mut self, module: &str, name: &str) -> Result<(), Refusal> {
        let name = format!("{module}.{name}");
        match GLOBALS.iter().position(|known| *known == name) {
            Some(place) => self.stack.push(Item::Global(place)),
            None => return Err(Refusal::Foreign(name)),
        }
        Ok(())
    }

    fn pop(&mut self) -> Result<Item, Refusal> {
        // Nothing is taken from under a mark.
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() > floor { self.stack.pop().ok_or(CUT) } else { Err(CUT) }
    }

    fn pop_many(&mut self, count: usize) -> Result<Vec<Item>, Refusal> {
        let mut items = (0..count).map(|_| self.pop()).collect::<Result<Vec<_>, _>>()?;
        items.reverse();
        Ok(items)
    }

    fn since_mark(&mut self) -> Result<Vec<Item>, Refusal> {
        let mark = self.marks.pop().ok_or(CUT)?;
        if mark > self.stack.len() { Err(CUT) } else { Ok(self.stack.split_off(mark)) }
    }

    fn put(&mut self, place: u32) -> Result<(), Refusal> {
        let top = *self.stack.last().ok_or(CUT)?;
        self.memo.insert(place, top);
        Ok(())
    }

    fn get(&mut self, place: u32) -> Result<(), Refusal> {
        self.stack.push(*self.memo.get(&place).ok_or(CUT)?);
        Ok(())
    }

    fn set_items(&mut self, items: &[Item]) -> Result<(), Refusal> {
        let Some(&Item::At(at)) = self.stack.last() else { return Err(SHAPE) };
        let Node::Dict(pairs) = &mut self.arena[at] else { return Err(SHAPE) };
        pairs.extend(items.chunks_exact(2).map(|pair| (pair[0], pair[1])));
        Ok(())
    }

    fn append(&mut self, items: &[Item]) -> Result<(), Refusal> {
        let Some(&Item::At(at)) = self.stack.last() else { return Err(SHAPE) };
        let Node::Sequence(list) = &mut self.arena[at] else { return Err(SHAPE) };
        list.extend_from_slice(items);
        Ok(())
    }

    fn text(&self, item: Item) -> Result<&str, Refusal> {
        match item {
            Item::At(at) => match &self.arena[at] {
                Node::Text(text) => Ok(text),
                _ => Err(SHAPE),
            },
            _ => Err(SHAPE),
        }
    }

    fn sequence(&self, item: Item) -> Result<&[Item], Refusal> {
        match item {
            Item::At(at) => match &self.arena[at] {
                Node::Sequence(items) => Ok(items),
                _ => Err(SHAPE),
            },
            _ => Err(SHAPE),
        }
    }

    fn ints(&self, item: Item) -> Result<Vec<i64>, Refusal> {
        let int = |item: &Item| if let Item::Int(n) = item { Ok(*n) } else { Err(SHAPE) };
        let items = self.sequence(item)?;
        if items.len() > 8 { Err(SHAPE) } else { items.iter().map(int).collect() }
    }

    /// ('storage', type, key, device, length) becomes a storage.
    fn storage(&mut self) -> Result<(), Refusal> {
        let id = self.pop()?;
        let &[word, Item::Global(kind), key, _device, _length] = self.sequence(id)? else { return Err(SHAPE) };
        if self.text(word)? != "storage" || kind <= ORDERED_DICT {
            return Err(SHAPE);
        }
        let kind = GLOBALS[kind].rsplit('.').next().unwrap_or_default();
        let key = self.text(key)?.to_owned();
        // Copied each time it is met: a long one could be met often. PyTorch counts from 0.
        if key.len() > 32 {
            return Err(SHAPE);
        }
        self.push(Node::Storage(kind, key));
        Ok(())
    }

    /// What the known functions would make of their arguments.
    fn call(&mut self) -> Result<(), Refusal> {
        let arguments = self.pop()?;
        let Item::Global(function) = self.pop()? else { return Err(SHAPE) };
        let arguments = self.sequence(arguments)?;
        let arguments = arguments[..arguments.len().min(8)].to_vec();
        match (function, &arguments[..]) {
            (ORDERED_DICT, []) => self.push(Node::Dict(Vec::new())),
            (REBUILD_PARAMETER, [data, ..]) => self.stack.push(*data),
            (REBUILD_TENSOR, &[Item::At(storage), Item::Int(offset), shape, strides, ..]) => {
                let Node::Storage(kind, key) = self.arena[storage].clone() else { return Err(SHAPE) };
                let (shape, strides) = (self.ints(shape)?, self.ints(strides)?);
                if shape.len() != strides.len() {
                    return Err(SHAPE);
                }
                self.push(Node::Tensor(TensorNode { kind, key, offset, shape, strides }));
            }
            _ => return Err(SHAPE),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `pickle.dumps` makes of an object whose `__reduce__` is `(os.system, ("…",))`.
    #[test]
    fn nothing_is_ever_run() {
        let call = b"\x80\x02cposix\nsystem\nq\x00X\x0b\x00\x00\x00touch pwnedq\x01\x85q\x02Rq\x03.";
        assert_eq!(read(call).err(), Some(Refusal::Foreign("posix.system".into())));
        let eval = b"\x80\x04\x95\x1f\x00\x00\x00\x00\x00\x00\x00\x8c\x08builtins\x94\x8c\x04eval\x94\x93\x94.";
        assert_eq!(read(eval).err(), Some(Refusal::Foreign("builtins.eval".into())));
    }

    #[test]
    fn plain_data_are_built() {
        // {"a": (1, -2, None, True), "b": [0.5]}
        let text =
            b"\x80\x02}q\x00(X\x01\x00\x00\x00a(K\x01J\xfe\xff\xff\xffN\x88tX\x01\x00\x00\x00b]G?\xe0\0\0\0\0\0\0au.";
        let pickle = read(text).unwrap();
        let Item::At(top) = pickle.top else { panic!("{:?}", pickle.top) };
        let Node::Dict(pairs) = &pickle.arena[top] else { panic!("{:?}", pickle.arena[top]) };
        let values: Vec<Item> = pairs.iter().map(|(_, value)| *value).collect();
        let sequence = |item: Item| match item {
            Item::At(at) => match &pickle.arena[at] {
                Node::Sequence(items) => items.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        };
        assert_eq!(sequence(values[0]), [Item::Int(1), Item::Int(-2), Item::None, Item::Bool(true)]);
        assert_eq!(sequence(values[1]), [Item::Float(0.5)]);
    }

    #[test]
    fn broken_programs_are_refused() {
        for text in [
            &b""[..],
            b".",
            b"t.",
            b"(.",
            b"R.",
            b"K",
            b"X\xff\xff\xff\xff",
            b"}K\x01s.",
            b"h\x07.",
            b"(K\x010.",
            b"b.",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }
}
