// page_server.h — one page over HTTP for a browser on this machine. It listens on the loopback
// address alone, answers GET of its own page, and refuses all else. Knows nothing of what the page
// says.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"

namespace gpubench {

class PageServer {
 public:
  /// Port 0: any that is free. Fails with `io` when the port is taken.
  static Result<PageServer> start(int port, std::string page);

  PageServer(PageServer&&) noexcept;
  PageServer& operator=(PageServer&&) noexcept;
  ~PageServer();

  /// Requests from now on get this.
  void replace(std::string page);
  [[nodiscard]] int port() const;

 private:
  struct State;
  explicit PageServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace gpubench
