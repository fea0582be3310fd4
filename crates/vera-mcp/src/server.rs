//! The tools as a server of the protocol.

use std::sync::Arc;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, Implementation, ListToolsResult,
    PaginatedRequestParams, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::tools::Tools;

/// See the module.
#[derive(Clone)]
pub(crate) struct Server {
    tools: Arc<Tools>,
    listed: Arc<[Tool]>,
}

impl Server {
    pub fn new(tools: Arc<Tools>) -> Server {
        let listed = tools.listed().into();
        Server { tools, listed }
    }
}

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let info = Implementation::new(self.tools.name.clone(), env!("CARGO_PKG_VERSION"));
        let instructions = "Functions of a Vera program. Their contracts are checked: arguments \
                            that break a precondition are refused with the clause they break. \
                            A constructor without fields is its name, one with fields an object \
                            of its name and the field, or the array of the fields.";
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
            .with_server_info(info)
            .with_instructions(instructions)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.listed.to_vec()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.listed.iter().find(|tool| tool.name == name).cloned()
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
}
