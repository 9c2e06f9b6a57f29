#include "pages/page_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <sys/socket.h>

#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace gpubench {
namespace {

constexpr const char* kLoopback = "127.0.0.1";
// A browser opens a few connections at once; each thread serves one, the others wait.
constexpr std::size_t kThreads = 4;
// A slow or silent client holds a thread no longer than this.
constexpr int kPatience_s = 5;

/// A page of another site could make a browser ask here under a name of that site's own (DNS
/// rebinding); then Host is that name.
bool is_own_host(const std::string& host) {
  const std::string name = host.substr(0, host.find(':'));
  return name == kLoopback || name == "localhost";
}

void refuse(httplib::Response& response, int status, const char* why) {
  response.status = status;
  response.set_content(fmt::format("{}\n", why), "text/plain");
}

httplib::Server::HandlerResponse check_request(const httplib::Request& request,
                                               httplib::Response& response) {
  if (!is_own_host(request.get_header_value("Host"))) {
    refuse(response, 403, "only for this machine");
  } else if (request.method != "GET") {
    response.set_header("Allow", "GET");
    refuse(response, 405, "only GET");
  } else if (request.path != "/") {
    refuse(response, 404, "there is one page here: /");
  } else {
    return httplib::Server::HandlerResponse::Unhandled;
  }
  return httplib::Server::HandlerResponse::Handled;
}

}  // namespace

struct PageServer::State {
  httplib::Server server;
  std::thread thread;
  int port = 0;
  std::mutex mutex;
  std::shared_ptr<const std::string> page;  ///< Under the mutex.

  ~State() {
    server.stop();
    if (thread.joinable()) thread.join();
  }

  std::shared_ptr<const std::string> current() {
    const std::lock_guard lock(mutex);
    return page;
  }

  void configure() {
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_payload_max_length(0);
    server.set_read_timeout(kPatience_s);
    server.set_write_timeout(kPatience_s);
    server.set_keep_alive_timeout(1);
    // The library would share the port with a second server; then either answers.
    server.set_socket_options([](auto socket) {
      const int yes = 1;
      setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    });
    server.set_default_headers({{"X-Content-Type-Options", "nosniff"},
                                {"X-Frame-Options", "DENY"},
                                {"Referrer-Policy", "no-referrer"},
                                {"Cache-Control", "no-store"}});
    server.set_pre_routing_handler(check_request);
    server.Get("/", [this](const httplib::Request&, httplib::Response& response) {
      response.set_content(*current(), "text/html; charset=utf-8");
    });
  }
};

PageServer::PageServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
PageServer::PageServer(PageServer&&) noexcept = default;
PageServer& PageServer::operator=(PageServer&&) noexcept = default;
PageServer::~PageServer() = default;

Result<PageServer> PageServer::start(int port, std::string page) {
  auto state = std::make_unique<State>();
  state->page = std::make_shared<const std::string>(std::move(page));
  state->configure();
  if (port == 0) {
    state->port = state->server.bind_to_any_port(kLoopback);
  } else if (state->server.bind_to_port(kLoopback, port)) {
    state->port = port;
  }
  if (state->port <= 0) {
    return Error{ErrorKind::io, fmt::format("cannot listen on {}:{}; another program may have the "
                                            "port",
                                            kLoopback, port)};
  }
  state->thread = std::thread([server = &state->server] { server->listen_after_bind(); });
  // Before it runs, stop() would go unheard.
  while (!state->server.is_running()) std::this_thread::yield();
  return PageServer(std::move(state));
}

void PageServer::replace(std::string page) {
  auto replaced = std::make_shared<const std::string>(std::move(page));
  const std::lock_guard lock(state_->mutex);
  state_->page.swap(replaced);
}

int PageServer::port() const {
  return state_->port;
}

}  // namespace gpubench
