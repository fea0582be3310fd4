//! Tools that are no functions of a program: those of the toolchain itself. What they are
//! and what they do is handed in; a call may take long, and blocks a thread of its own.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Implementation,
    JsonObject, ListResourcesResult, ListToolsResult, PaginatedRequestParams,
    ReadResourceRequestParams, ReadResourceResponse, ReadResourceResult, Resource,
    ResourceContents, ServerCapabilities, ServerConfig, Tool, ToolAnnotations,
};
use rmcp::service::RequestContext;
use rmcp::transport::stdio;
use rmcp::{ErrorData, RoleServer, ServerHandler, ServiceExt};
use serde_json::Value as Json;

/// A tool as a model reads of it.
#[derive(Clone, Debug)]
pub struct Offered {
    pub name: &'static str,
    pub description: &'static str,
    /// JSON Schema of the object of arguments.
    pub input: Json,
    /// Nothing is changed by a call.
    pub read_only: bool,
}

/// What a call comes to.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What a model reads first.
    pub text: String,
    /// The whole, as JSON.
    pub structured: Option<Json>,
    /// The call could not be made: the arguments are to blame, or the surroundings.
    pub failed: bool,
}

/// Something to read.
#[derive(Clone, Debug)]
pub struct Readable {
    pub uri: String,
    pub name: String,
    pub description: String,
}

/// A box of tools and texts.
pub trait Toolbox: Send + Sync + 'static {
    /// Name, version, and what a model should know before the first call.
    fn describe(&self) -> (String, String, String);

    fn tools(&self) -> Vec<Offered>;

    /// Calls a tool; `None` where there is none of the name.
    fn call(&self, name: &str, arguments: &serde_json::Map<String, Json>) -> Option<Answer>;

    fn texts(&self) -> Vec<Readable>;

    /// The text behind a URI, in Markdown.
    fn read(&self, uri: &str) -> Option<String>;
}

/// Of the threads that do the work, in bytes of address space.
const STACK: usize = 256 << 20;

struct Server<T>(Arc<T>);

impl<T> Clone for Server<T> {
    fn clone(&self) -> Server<T> {
        Server(Arc::clone(&self.0))
    }
}

/// Answers over the standard streams until the client ends the input.
///
/// # Errors
/// What is wrong with the client's first messages, or with the system.
pub fn serve(toolbox: impl Toolbox) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        // Programs nest.
        .thread_stack_size(STACK)
        .enable_all()
        .build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let served = runtime.block_on(async {
        let server = Server(Arc::new(toolbox));
        let running = server.serve(stdio()).await.map_err(|error| error.to_string())?;
        running.waiting().await.map(drop).map_err(|error| error.to_string())
    });
    // A thread may wait for input that never comes.
    runtime.shutdown_timeout(Duration::ZERO);
    served
}

fn listed(offered: &Offered) -> Tool {
    let input: JsonObject = offered.input.as_object().cloned().unwrap_or_default();
    let annotations = ToolAnnotations::from_raw(
        None,
        Some(offered.read_only),
        None,
        Some(offered.read_only),
        Some(false),
    );
    Tool::new(offered.name, offered.description, Arc::new(input)).with_annotations(annotations)
}

fn result(answer: Answer) -> CallToolResult {
    let text = vec![ContentBlock::text(answer.text)];
    if answer.failed {
        return CallToolResult::error(text);
    }
    let mut result = CallToolResult::success(text);
    result.structured_content = answer.structured;
    result
}

impl<T: Toolbox> ServerHandler for Server<T> {
    fn get_info(&self) -> ServerConfig {
        let (name, version, instructions) = self.0.describe();
        let capabilities = ServerCapabilities::builder().enable_tools().enable_resources().build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new(name, version))
            .with_instructions(instructions)
    }

    async fn list_tools(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.0.tools().iter().map(listed).collect()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.0.tools().iter().find(|tool| tool.name == name).map(listed)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let (toolbox, name) = (Arc::clone(&self.0), request.name.to_string());
        let arguments = request.arguments.unwrap_or_default();
        let called = tokio::task::spawn_blocking(move || toolbox.call(&name, &arguments)).await;
        match called {
            Ok(Some(answer)) => Ok(result(answer).into()),
            Ok(None) => Err(ErrorData::invalid_params(format!("no tool {}", request.name), None)),
            Err(error) => Err(ErrorData::internal_error(error.to_string(), None)),
        }
    }

    async fn list_resources(
        &self,
        _request: Option<PaginatedRequestParams>,
        _context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource = |text: Readable| {
            let mut resource =
                Resource::new(text.uri, text.name).with_description(text.description);
            resource.mime_type = Some("text/markdown".to_owned());
            resource
        };
        let texts = self.0.texts().into_iter().map(resource).collect();
        Ok(ListResourcesResult::with_all_items(texts))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let unknown = || ErrorData::resource_not_found(format!("nothing at {}", request.uri), None);
        let text = self.0.read(&request.uri).ok_or_else(unknown)?;
        let contents = ResourceContents::text(text, request.uri).with_mime_type("text/markdown");
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}
