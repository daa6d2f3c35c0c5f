#include "otbridge/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <utility>

#include "otbridge/core/error.hpp"

namespace otbridge {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestInput = std::uintmax_t{16} << 30;  // bytes

[[noreturn]] void fail(const std::string& path, const std::string& action) {
  throw IoFailure(path, action + ": " + std::strerror(errno));
}

// Closes its file descriptor on every way out.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return fd_; }
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

// A signal or a pipe may take fewer bytes than asked.
bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// Devices and pipes are written as they are; renaming over them would replace them by a file.
bool is_special(const std::string& path) {
  std::error_code ignored;
  const auto status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

// The file a symbolic link leads to, so that the link stays.
std::string resolved(const std::string& path) {
  std::error_code ignored;
  if (!fs::is_symlink(path, ignored)) return path;
  const fs::path target = fs::weakly_canonical(path, ignored);
  return target.empty() ? path : target.string();
}

// A temporary beside the target, removed unless it was renamed.
class Temporary {
 public:
  explicit Temporary(const std::string& target) {
    // O_EXCL makes the name ours whoever else writes there; names left by a process that was killed
    // are passed over. The kernel takes the umask off 0666, as for any new file.
    constexpr int kAttempts = 1000;
    for (int attempt = 0; attempt < kAttempts && fd_ < 0; ++attempt) {
      name_ = target + "." + std::to_string(::getpid()) + "-" + std::to_string(attempt) + ".tmp";
      fd_ = ::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
      if (fd_ < 0 && errno != EEXIST) break;
    }
    if (fd_ < 0) fail(target, "cannot be written");
  }
  ~Temporary() {
    if (!renamed_) ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int release() { return std::exchange(fd_, -1); }
  void rename_to(const std::string& target) {
    if (::rename(name_.c_str(), target.c_str()) != 0) fail(target, "cannot be replaced");
    renamed_ = true;
  }

 private:
  std::string name_;
  int fd_ = -1;
  bool renamed_ = false;
};

// A file that is replaced keeps its permissions; a new one has those it was created with.
bool keep_mode(int fd, const std::string& target) {
  struct stat existing = {};
  if (::stat(target.c_str(), &existing) != 0) return true;
  return ::fchmod(fd, existing.st_mode & 0777) == 0;
}

// rename() onto a directory fails with a message about neither.
void refuse_directory(const std::string& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) throw IoFailure(path, "is a directory");
}

}  // namespace

void write_file(const std::string& path, std::string_view bytes) {
  refuse_directory(path);
  if (is_special(path)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) fail(path, "cannot be opened");
    // On the disk before it is renamed: after a crash the name leads to one whole file or the
    // other.
    if (!write_all(file.get(), bytes) || !file.close()) fail(path, "cannot be written");
    return;
  }
  const std::string target = resolved(path);
  Temporary temporary(target);
  Descriptor file(temporary.release());
  if (!write_all(file.get(), bytes) || !keep_mode(file.get(), target) || ::fsync(file.get()) != 0 ||
      !file.close()) {
    fail(path, "cannot be written");
  }
  temporary.rename_to(target);
}

void probe_output(const std::string& path) {
  refuse_directory(path);
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) fail(path, "cannot be written");
    return;
  }
  // Made and removed: the only sure way to know that the folder takes a file.
  Temporary temporary(resolved(path));
  const Descriptor file(temporary.release());
}

// In pieces, not by its size: pipes and /proc have none.
std::string read_file(const std::string& path) {
  std::error_code ignored;
  refuse_directory(path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "cannot be read");
  const auto size = fs::file_size(path, ignored);
  if (!ignored && size > kLargestInput) throw MemoryLimit(path + ": is larger than 16 GiB");
  std::string bytes;
  if (!ignored) bytes.reserve(static_cast<std::size_t>(size));
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail(path, "cannot be read");
    if (got == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(got));
  }
}

}  // namespace otbridge
