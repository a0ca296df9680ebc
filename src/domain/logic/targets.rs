//! Which row of a table holds the value of a reference, seen from each row.

use super::locate::{Spot, locate};
use super::record::Place;
use super::reference::{InstanceRef, Reference};
use super::rows::{RowPlace, TableRows};
use super::rules::Rules;
use std::collections::HashMap;

/// Finds for each row the row that holds the value of a reference.
pub(super) struct Targets<'t, 'r> {
    reference: &'t Reference,
    form: &'t str,
    pub rows: &'t TableRows<'t>,
    rules: &'r Rules,
    /// Where all rows of the same event and instrument look, if it does not depend on the record.
    known: HashMap<(u32, u32, bool), Look>,
}

/// Where the rows of one event and instrument look.
#[derive(Debug, Clone, Copy)]
enum Look {
    Nowhere,
    Own,
    /// At a row of the same record: event and instrument as codes, and the instance.
    There(u32, u32, LookInstance),
}

#[derive(Debug, Clone, Copy)]
enum LookInstance {
    Same,
    Fixed(u32),
}

impl<'t, 'r> Targets<'t, 'r> {
    pub fn new(reference: &'t Reference, form: &'t str, rows: &'t TableRows<'t>, rules: &'r Rules) -> Self {
        Self { reference, form, rows, rules, known: HashMap::new() }
    }

    /// The row that holds the value for this row.
    pub fn row(&mut self, row: usize) -> Option<usize> {
        let at = self.rows.row_place(row)?;
        if !matches!(self.reference.instance, None | Some(InstanceRef::Number(_) | InstanceRef::Current)) {
            return self.found(row, at);
        }
        let key = (at.event, at.instrument, at.instance > 0);
        let look = match self.known.get(&key) {
            Some(look) => *look,
            None => {
                let look = self.look(row, at);
                self.known.insert(key, look);
                look
            }
        };
        match look {
            Look::Nowhere => None,
            Look::Own => Some(row),
            Look::There(event, instrument, instance) => {
                let instance = match instance {
                    LookInstance::Same => at.instance,
                    LookInstance::Fixed(instance) => instance,
                };
                self.rows.find_code(RowPlace { event, instrument, instance, ..at })
            }
        }
    }

    fn spot(&self, place: &Place<'t>, at: RowPlace) -> Spot<'t> {
        let instances = |event: &str, instrument: &str| self.rows.instances(at.record, event, instrument);
        locate(self.rows.project, self.form, self.reference, place, self.rules, &instances)
    }

    /// The row that a row looks at, found without what is known of other rows.
    fn found(&self, row: usize, at: RowPlace) -> Option<usize> {
        match self.spot(&self.rows.place(row), at) {
            Spot::Blank => None,
            Spot::Row { event, instrument, instance } => {
                self.rows.find(at.record, event, instrument, instance)
            }
        }
    }

    /// Where this row looks, in a form that holds for all rows of its event and instrument.
    fn look(&self, row: usize, at: RowPlace) -> Look {
        let place = self.rows.place(row);
        let Spot::Row { event, instrument, instance } = self.spot(&place, at) else { return Look::Nowhere };
        let here = event == place.event && instrument == place.instrument;
        let same_instance = match self.reference.instance {
            Some(InstanceRef::Current) => instance > 0,
            Some(_) => false,
            None => here && instance > 0,
        };
        if here && (same_instance || (instance == 0 && at.instance == 0)) {
            return Look::Own;
        }
        let Some((event, instrument)) = self.rows.codes(event, instrument) else { return Look::Nowhere };
        let instance = if same_instance { LookInstance::Same } else { LookInstance::Fixed(instance) };
        Look::There(event, instrument, instance)
    }
}
