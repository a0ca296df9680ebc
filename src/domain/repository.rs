//! The file repository of a project.

/// A file or a folder of the file repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// The number, if it is a folder.
    pub folder_id: Option<u64>,
    /// The number, if it is a file.
    pub doc_id: Option<u64>,
    /// Its name.
    pub name: String,
    /// The role it is limited to, on newer servers.
    pub role: String,
    /// The Data Access Group it is limited to, on newer servers.
    pub dag: String,
}
