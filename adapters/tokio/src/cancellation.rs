//! The end of a context and tokio's tokens, each told of by the other.
use crate::NoRuntime;
use runce::Ctx;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

/// From now on the context is cancelled when that token is. With feature `cancellation`.
///
/// A task of the runtime we are in sees to it. It does not keep the context alive, and ends with
/// it. When that runtime is shut down, the token is no longer listened to.
///
/// # Errors
///
/// [`NoRuntime`] outside of a runtime, unless the token is cancelled already: so is the context
/// then, at once.
///
/// # Examples
///
/// ```
/// use runce::Ctx;
/// use tokio_util::sync::CancellationToken;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), runce_tokio::NoRuntime> {
/// let server = CancellationToken::new();
/// let request = Ctx::new(());
/// runce_tokio::cancel_with(&request, server.clone())?;
/// server.cancel();
/// request.cancelled().await;
/// # Ok(())
/// # }
/// ```
pub fn cancel_with<S: Send + Sync + 'static>(
    ctx: &Ctx<S>,
    token: CancellationToken,
) -> Result<(), NoRuntime> {
    if token.is_cancelled() {
        ctx.cancel();
        return Ok(());
    }
    let runtime = Handle::try_current().map_err(|_| NoRuntime)?;
    let context = ctx.cancellation();
    runtime.spawn(async move {
        let over = token.run_until_cancelled(context.cancelled()).await;
        if over.is_none() {
            context.cancel();
        }
    });
    Ok(())
}

/// A token that is cancelled when the context is, by hand, with its parent, or because its last
/// handle goes away: for drivers and libraries that take one. With feature `cancellation`.
///
/// Cancelling the token does nothing to the context. A task of the runtime we are in waits for
/// the context's end, and does not keep the context alive: in a context that lives long, make
/// one token and [its children](CancellationToken::child_token). When that runtime is shut down
/// before, the token is cancelled, since nobody would do it later.
///
/// # Errors
///
/// [`NoRuntime`] outside of a runtime, unless the context is cancelled already: so is the token
/// then.
///
/// # Examples
///
/// ```
/// use runce::{Ctx, Error, task};
/// use runce_tokio::NoRuntime;
///
/// #[task]
/// async fn rows(ctx: &Ctx) -> Result<u64, NoRuntime> {
///     Ok(driver::query(runce_tokio::token(ctx)?).await)
/// }
/// # mod driver {
/// #     pub async fn query(token: tokio_util::sync::CancellationToken) -> u64 {
/// #         token.run_until_cancelled(async { 7 }).await.unwrap_or(0)
/// #     }
/// # }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// assert_eq!(Ctx::new(()).run(rows()).await?, 7);
/// # Ok(())
/// # }
/// ```
pub fn token<S: Send + Sync + 'static>(ctx: &Ctx<S>) -> Result<CancellationToken, NoRuntime> {
    let token = CancellationToken::new();
    if ctx.is_cancelled() {
        token.cancel();
        return Ok(token);
    }
    let runtime = Handle::try_current().map_err(|_| NoRuntime)?;
    let (context, cancels) = (ctx.cancellation(), token.clone().drop_guard());
    runtime.spawn(async move {
        context.cancelled().await;
        drop(cancels); // as it does when this is dropped
    });
    Ok(token)
}
