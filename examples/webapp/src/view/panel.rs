//! The panel on each page: what its context ran.
use crate::visit::{Query, Visit};
use maud::{Markup, html};
use runce::Ctx;
use std::time::Duration;

pub(super) fn panel(ctx: &Ctx<Visit>) -> Markup {
    let (stats, site) = (ctx.stats(), ctx.state().site.stats());
    let calls = stats.runs + stats.hits + stats.joins;
    let queries = ctx.state().queries();
    html! {
        aside {
            h2 { "What this page ran" }
            dl.counts {
                dt { "calls of tasks" } dd #calls { (calls) }
                dt { "runs of tasks" } dd #runs { (stats.runs) }
                dt { "calls that shared a run" } dd #shared { (stats.hits + stats.joins) }
                dt { "runs that failed" } dd #failed { (stats.failed) }
                dt { "queries" } dd #queries { (queries.len()) }
            }
            (timeline(&queries))
            h2 { "What all pages share" }
            dl.counts {
                dt { "calls of the settings" } dd #asked { (site.runs + site.hits + site.joins) }
                dt { "times they were read" } dd #read { (site.runs) }
            }
        }
    }
}

/// A bar for each query: when, and how long.
fn timeline(queries: &[Query]) -> Markup {
    let first = queries.first().map_or(Duration::ZERO, |query| query.start);
    let last = queries.iter().map(|query| query.end).max();
    let whole = last.unwrap_or(first).saturating_sub(first);
    let whole = whole.as_secs_f64().max(1e-9);
    let percent = |time: Duration| 100.0 * time.as_secs_f64() / whole;
    html! {
        ol.timeline {
            @for query in queries {
                @let start = query.start.saturating_sub(first);
                @let took = query.end.saturating_sub(query.start);
                @let place = format!("left:min({:.1}%,100% - 2px);width:{:.1}%", percent(start), percent(took));
                li {
                    code title=(query.call) { (query.call) }
                    span.track { span.bar style=(place) {} }
                    small { (format!("{:.1} ms", 1e3 * took.as_secs_f64())) }
                }
            }
        }
    }
}
