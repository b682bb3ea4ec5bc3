//! Tasks by name, with JSON on both sides.
use runce::{AnyTask, AnyValue, Ctx, ErasedCall, TaskFn};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Result as Json, Value};
use std::collections::BTreeMap;
use std::fmt;

#[derive(Deserialize)]
pub(crate) struct Request {
    route: String,
    input: Value,
}

/// Why a request has no answer, for whoever sent it.
#[derive(Debug)]
pub(crate) enum Refused {
    NoSuchRoute {
        route: String,
        routes: String,
    },
    BadInput {
        route: String,
        takes: &'static str,
        error: serde_json::Error,
    },
    Failed(runce::Error),
    BadOutput(serde_json::Error),
}

pub(crate) struct Router<S> {
    routes: BTreeMap<String, Route<S>>,
}

struct Route<S> {
    task: AnyTask<S>,
    decode: fn(&Value) -> Json<AnyValue>,
    encode: fn(&AnyValue) -> Json<Value>,
}

type Answer<S> = ErasedCall<S, Json<Value>>;

impl<S: Send + Sync + 'static> Router<S> {
    /// A task under a name, if JSON can be made its input, and its output JSON.
    pub(crate) fn add<Args, F>(&mut self, name: &str, task: F)
    where
        F: TaskFn<S, Args>,
        F::Input: DeserializeOwned,
        F::Output: Serialize,
    {
        let route = Route {
            task: AnyTask::new(task),
            decode: |value| F::Input::deserialize(value).map(AnyValue::new),
            encode: |value| serde_json::to_value(value.downcast_ref::<F::Output>()),
        };
        self.routes.insert(name.to_string(), route);
    }

    /// Answers requests at the same time, whatever becomes of the others.
    pub(crate) async fn answer(
        &self,
        ctx: &Ctx<S>,
        requests: &[Request],
    ) -> Vec<Result<Value, Refused>> {
        let call = |request| match self.call(request) {
            Ok(call) => (Some(call), None),
            Err(refused) => (None, Some(refused)), // runs nothing
        };
        let (calls, refused): (Vec<_>, Vec<_>) = requests.iter().map(call).unzip();
        let outcomes = ctx.run_settled(calls).await;
        let both = outcomes.into_iter().zip(refused);
        both.map(|(outcome, refused)| match (outcome, refused) {
            (_, Some(refused)) => Err(refused),
            (Err(error), None) => Err(Refused::Failed(error)),
            (Ok(json), None) => json.unwrap_or(Ok(Value::Null)).map_err(Refused::BadOutput),
        })
        .collect()
    }

    fn call(&self, request: &Request) -> Result<Answer<S>, Refused> {
        let name = &request.route;
        let route = self.routes.get(name).ok_or_else(|| self.no_such(name))?;
        let input = (route.decode)(&request.input).map_err(|error| Refused::BadInput {
            route: name.clone(),
            takes: route.task.input_type(),
            error,
        })?;
        let encode = route.encode;
        let call = route.task.call(input).map_err(Refused::Failed)?;
        Ok(call.map(move |output| encode(&output)))
    }

    fn no_such(&self, route: &str) -> Refused {
        let names: Vec<_> = self.routes.keys().map(String::as_str).collect();
        Refused::NoSuchRoute {
            route: route.to_string(),
            routes: names.join(", "),
        }
    }
}

impl<S> Default for Router<S> {
    fn default() -> Self {
        Self {
            routes: BTreeMap::new(),
        }
    }
}

impl<S: Send + Sync + 'static> fmt::Display for Router<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, Route { task, .. }) in &self.routes {
            let (input, output) = (task.input_type(), task.output_type());
            writeln!(f, "{name}: {input} → {output}, by `{}`", task.name())?;
        }
        Ok(())
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.route, self.input)
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoSuchRoute { route, routes } => {
                write!(f, "there is no route `{route}`, only {routes}")
            }
            Self::BadInput {
                route,
                takes,
                error,
            } => {
                write!(f, "route `{route}` takes a `{takes}`: {error}")
            }
            Self::Failed(error) => write!(f, "{error:#}"),
            Self::BadOutput(error) => write!(f, "the answer is no JSON: {error}"),
        }
    }
}
