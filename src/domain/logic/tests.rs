//! Tests of the whole engine. The test vectors of the reference are in `tests/logic_vectors.rs`.
