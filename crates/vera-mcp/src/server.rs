//! The tools as a server of the protocol.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::{NotificationContext, Peer, RequestContext, SubscriptionContext};
use rmcp::{ErrorData, RoleServer, ServerHandler};
use tokio::sync::watch;

use crate::tools::{Program, Tools};

/// How often it is looked whether a client is still there.
const LOOK: Duration = Duration::from_secs(60);

/// See the module.
#[derive(Clone)]
pub(crate) struct Server {
    tools: Arc<Tools>,
    /// Whether the server is about to stop.
    stopping: watch::Receiver<bool>,
}

impl Server {
    pub fn new(tools: Arc<Tools>, stopping: watch::Receiver<bool>) -> Server {
        Server { tools, stopping }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let offering = &self.tools.offering;
        let info = Implementation::new(offering.name.clone(), env!("CARGO_PKG_VERSION"));
        let instructions = "Functions of a Vera program. Their contracts are checked: arguments \
                            that break a precondition are refused with the clause they break. \
                            A constructor without fields is its name, one with fields an object \
                            of its name and the field, or the array of the fields.";
        let mut able = ServerCapabilities::builder().enable_tools().build();
        if let Some(tools) = able.tools.as_mut().filter(|_| offering.changes) {
            tools.list_changed = Some(true);
        }
        ServerConfig::new(able).with_server_info(info).with_instructions(instructions)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.tools.program().listed()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.program().tool(name).cloned()
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let called = self.tools.call(&request.name, request.arguments.unwrap_or_default()).await;
        let unknown = || ErrorData::invalid_params(format!("no tool {}", request.name), None);
        called.map(CallToolResponse::from).ok_or_else(unknown)
    }

    /// Clients that open a session, as the protocol had it until 2025, are told of new
    /// versions without having asked.
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        if self.tools.offering.changes {
            tokio::spawn(tell(context.peer, self.tools.versions()));
        }
    }

    fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        let able = self.get_info().capabilities;
        self.tools.offering.changes.then(|| requested.supported_by(&able))
    }

    /// Clients of the protocol of 2026 ask to be told, and are for as long as they listen.
    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let (mut versions, mut stopping) = (self.tools.versions(), self.stopping.clone());
        loop {
            let changed = tokio::select! {
                changed = versions.changed() => changed.is_ok(),
                () = context.cancelled() => false,
                _ = stopping.wait_for(|stopping| *stopping) => false,
            };
            if !changed || context.sink().notify_tool_list_changed().await.is_err() {
                return Ok(());
            }
        }
    }
}

/// Tells a client of each new version, until it is gone.
async fn tell(client: Peer<RoleServer>, mut versions: watch::Receiver<Arc<Program>>) {
    while !client.is_transport_closed() {
        match tokio::time::timeout(LOOK, versions.changed()).await {
            Ok(Ok(())) if client.notify_tool_list_changed().await.is_ok() => {}
            Ok(_) => return,
            Err(_) => {}
        }
    }
}
