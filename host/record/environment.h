// environment.h — the machine around a run: system, processor, memory, variables, build.
// Reads files and variables only; knows nothing of devices. What cannot be read is left out.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gpubench {

/// A library in use and its version, as the caller knows it.
using LibraryVersion = std::pair<std::string, std::string>;

/// `root` stands before /proc, /sys and /etc; tests give a made tree.
std::string environment_json(std::span<const LibraryVersion> libraries,
                             const std::string& root = "");

std::string host_name();

/// Of "NAME=value" entries, those that can change results (drivers, OpenMP, BLAS, oneDNN), sorted;
/// names that look like secrets are left out.
std::vector<std::pair<std::string, std::string>> result_variables(
    std::span<const std::string_view> environment);

}  // namespace gpubench
