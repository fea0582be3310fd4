//! Tools over the standard streams: the client starts the server and ends its input.

use std::sync::Arc;
use std::time::Duration;

use rmcp::ServiceExt;
use rmcp::transport::stdio;
use tokio::sync::watch;

use crate::server::Server;
use crate::tools::Tools;

/// Answers until the client ends the input.
///
/// # Errors
/// What is wrong with the client's first messages, or with the system.
pub fn serve(tools: Arc<Tools>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    // The client ends it, so nobody else tells it to stop.
    let (_never, stopping) = watch::channel(false);
    let served = runtime.block_on(async {
        let running =
            Server::new(tools, stopping).serve(stdio()).await.map_err(|error| error.to_string())?;
        running.waiting().await.map(drop).map_err(|error| error.to_string())
    });
    // A thread may wait for input that never comes.
    runtime.shutdown_timeout(Duration::ZERO);
    served
}
