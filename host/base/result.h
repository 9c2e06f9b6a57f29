// result.h — a value, or the error that stands in its place.
// Knows nothing of how an error is shown: only app/ prints and exits.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace gpubench {

/// What went wrong, as far as a caller acts on it. docs/results-format.md maps each kind to the
/// status of a row, `exit_code` (host/app) to the exit code of a command.
enum class ErrorKind {
  usage,          ///< The command line is wrong.
  input,          ///< A scenario, array, shader or other input file is wrong.
  no_device,      ///< No Vulkan loader, no driver, or no device fits.
  unsupported,    ///< The device lacks a feature or limit that this case needs.
  out_of_memory,  ///< Host or device memory ran out.
  timeout,        ///< The device did not answer in time.
  device_lost,    ///< The driver gave the device up.
  io,             ///< A file could not be read or written.
  interrupted,    ///< The user asked to stop.
  internal,       ///< A library or driver call failed that should not.
};

/// `message` says where, what, and what was expected, in one line unless a compiler's output
/// follows it.
struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;
};

/// The device has to be opened again before anything else can run on it.
inline bool is_loss(const Error& error) {
  return error.kind == ErrorKind::device_lost || error.kind == ErrorKind::timeout;
}

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}
  Result(Error error) : state_(std::move(error)) {}

  [[nodiscard]] bool ok() const { return std::holds_alternative<T>(state_); }
  explicit operator bool() const { return ok(); }

  T& value() & {
    assert(ok() && "value() of a failed Result");
    return std::get<T>(state_);
  }
  const T& value() const& {
    assert(ok() && "value() of a failed Result");
    return std::get<T>(state_);
  }
  T&& value() && {
    assert(ok() && "value() of a failed Result");
    return std::get<T>(std::move(state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  [[nodiscard]] const Error& error() const {
    assert(!ok() && "error() of a good Result");
    return std::get<Error>(state_);
  }

 private:
  std::variant<T, Error> state_;
};

struct Done {};

/// For functions that either succeed with nothing to return, or fail.
using Outcome = Result<Done>;

}  // namespace gpubench
