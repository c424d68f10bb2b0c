//! A SQL subquery as a Diesel expression.

use std::marker::PhantomData;

use diesel::expression::{
    AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate,
};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::SingleValue;

/// A SQL expression of the type `T`. Diesel does not cache statements that contain its own `sql`
/// expression; one with a `Subquery` is prepared once for each connection.
#[derive(Debug, Clone, Copy)]
pub struct Subquery<T>(&'static str, PhantomData<T>);

impl<T> Subquery<T> {
    /// Wraps trusted SQL; it must not contain values.
    pub const fn new(sql: &'static str) -> Self {
        Self(sql, PhantomData)
    }
}

impl<T: SingleValue> Expression for Subquery<T> {
    type SqlType = T;
}

impl<T> QueryFragment<Pg> for Subquery<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.0);
        Ok(())
    }
}

/// The text of the statement identifies it.
impl<T> QueryId for Subquery<T> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, From> AppearsOnTable<From> for Subquery<T> where Self: Expression {}

impl<T, From> SelectableExpression<From> for Subquery<T> where Self: Expression {}

impl<T> ValidGrouping<()> for Subquery<T> {
    type IsAggregate = is_aggregate::No;
}
