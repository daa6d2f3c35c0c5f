#include "otbridge/io/atomic_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "otbridge/core/error.hpp"
#include "otbridge/core/exchange.hpp"
#include "otbridge/core/machine.hpp"

namespace otbridge {
namespace {

namespace fs = std::filesystem;

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
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }

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

// So that links stay.
std::string behind_links_here(const std::string& path) {
  std::error_code failed;
  fs::path at = path;
  constexpr int kLongestChain = 40;  // of the kernel
  for (int links = 0; fs::is_symlink(at, failed); ++links) {
    if (links == kLongestChain) {
      errno = ELOOP;
      fail(path, "cannot be written");
    }
    const fs::path next = fs::read_symlink(at, failed);
    if (failed) return path;
    at = next.is_absolute() ? next : at.parent_path() / next;
  }
  return at.string();
}

// "target.K.tmp", cut where a folder takes no longer names.
std::string temporary_name(const std::string& target, int k) {
  constexpr std::size_t kLongestName = 255;  // bytes, NAME_MAX of Linux
  const std::string end = "." + std::to_string(k) + ".tmp";
  const std::size_t slash = target.rfind('/');
  const std::size_t start = slash == std::string::npos ? 0 : slash + 1;
  return target.substr(0, start + std::min(target.size() - start, kLongestName - end.size())) + end;
}

// Whether name was left by a process that was killed: a writer holds the lock of its temporary for
// as long as it lives. Removes it then.
bool remove_abandoned(const std::string& name) {
  const Descriptor file(::open(name.c_str(), O_WRONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 || ::flock(file.get(), LOCK_EX | LOCK_NB) != 0) return false;
  // Since it was opened its writer may have finished, and the name may be another's by now.
  struct stat locked = {}, named = {};
  return ::fstat(file.get(), &locked) == 0 && ::lstat(name.c_str(), &named) == 0 &&
         locked.st_dev == named.st_dev && locked.st_ino == named.st_ino &&
         ::unlink(name.c_str()) == 0;
}

// A temporary in the folder of the target: without a name where the system has such files, so that
// a process killed while it writes leaves nothing; where it replaces a file it has a name of its
// own for the moment before it takes that of the target.
class Temporary {
 public:
  explicit Temporary(const std::string& target) : target_(target) {
    const std::string folder = fs::path(target).parent_path().string();
#ifdef O_TMPFILE
    // The kernel takes the umask off 0666, as for any new file.
    file_ = Descriptor(
        ::open(folder.empty() ? "." : folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666));
    if (file_.get() >= 0) return;
#endif
    for_free_name([&](const char* name) {
      file_ = Descriptor(::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
      return file_.get() >= 0;
    });
    ::flock(file_.get(), LOCK_EX);
  }
  ~Temporary() {
    if (!name_.empty()) ::unlink(name_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int fd() const { return file_.get(); }

  void take_name_of_target() {
    if (name_.empty()) {
      ::flock(fd(), LOCK_EX);
      const std::string self = "/proc/self/fd/" + std::to_string(fd());
      const auto link_as = [&](const char* name) {
        return ::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name, AT_SYMLINK_FOLLOW) == 0;
      };
      // A new file gets its own name at once; a link does not replace one that is there.
      if (link_as(target_.c_str())) {
        remove_abandoned_from(0);
        return close();
      }
      for_free_name(link_as);
    }
    if (::rename(name_.c_str(), target_.c_str()) != 0) fail(target_, "cannot be replaced");
    name_.clear();
    close();
  }

 private:
  void close() {
    // A network file system may find only now that there is no room.
    if (!file_.close()) fail(target_, "cannot be written");
  }

  void remove_abandoned_from(int k) const {
    while (remove_abandoned(temporary_name(target_, k))) ++k;
  }

  // Calls make(name) with one name after the other, until it is true; names that are in use are
  // passed over, those that were left behind are taken away, the next ones as well.
  template <class Make>
  void for_free_name(Make&& make) {
    constexpr int kMostNames = 1000;
    int k = 0;
    for (; k < kMostNames && name_.empty(); ++k) {
      const std::string name = temporary_name(target_, k);
      if (make(name.c_str())) {
        name_ = name;
      } else if (errno != EEXIST) {
        break;
      } else if (remove_abandoned(name) && make(name.c_str())) {
        name_ = name;
      }
    }
    if (name_.empty()) fail(target_, "cannot be written");
    remove_abandoned_from(k);
  }

  std::string target_, name_;  // name_ is empty while there is none
  Descriptor file_{-1};
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

// What a file is replaced by, once it is whole.
class Replacement {
 public:
  explicit Replacement(const std::string& path)
      : path_(path), target_(behind_links_here(path)), temporary_(target_) {}

  void append(std::string_view bytes) {
    if (!write_all(temporary_.fd(), bytes)) fail(path_, "cannot be written");
  }
  void overwrite_start(std::string_view bytes) {
    if (::lseek(temporary_.fd(), 0, SEEK_SET) != 0) fail(path_, "cannot be written");
    append(bytes);
  }
  void take_name() {
    // On the disk before it is renamed: after a crash the name leads to one whole file or the
    // other.
    if (!keep_mode(temporary_.fd(), target_) || ::fsync(temporary_.fd()) != 0) {
      fail(path_, "cannot be written");
    }
    temporary_.take_name_of_target();
  }

 private:
  std::string path_, target_;
  Temporary temporary_;
};

void write_file_here(const std::string& path, std::string_view bytes) {
  refuse_directory(path);
  if (is_special(path)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    if (file.get() < 0) fail(path, "cannot be opened");
    if (!write_all(file.get(), bytes) || !file.close()) fail(path, "cannot be written");
    return;
  }
  Replacement file(path);
  file.append(bytes);
  file.take_name();
}

void probe_output_here(const std::string& path) {
  refuse_directory(path);
  if (is_special(path)) {
    if (::access(path.c_str(), W_OK) != 0) fail(path, "cannot be written");
    return;
  }
  const std::string target = behind_links_here(path);
  // Made and let go: the only sure way to know that the folder takes a file.
  const Temporary temporary(target);
  // It may have no name, which says nothing of the one that it is to take: that may be too long.
  struct stat there = {};
  if (::lstat(target.c_str(), &there) != 0 && errno != ENOENT) fail(path, "cannot be written");
}

// In pieces, not by its size: pipes and /proc have none.
std::string read_file_here(const std::string& path) {
  std::error_code ignored;
  refuse_directory(path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) fail(path, "cannot be read");
  const auto size = fs::file_size(path, ignored);
  // Beside the bytes what they say, about as large.
  if (!ignored) check_bytes(path, 2.0 * static_cast<double>(size));
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

}  // namespace

// Ranks that work together read and write by the first of them.
std::string behind_links(const std::string& path) {
  return bytes_of_first_rank([&] { return behind_links_here(path); });
}

void write_file(const std::string& path, std::string_view bytes) {
  on_first_rank([&] { write_file_here(path, bytes); });
}
void probe_output(const std::string& path) {
  on_first_rank([&] { probe_output_here(path); });
}
std::string read_file(const std::string& path) {
  return bytes_of_first_rank([&] { return read_file_here(path); });
}

struct GrowingFile::Impl {
  explicit Impl(const std::string& path) : file(path) {}
  Replacement file;
};
GrowingFile::GrowingFile(const std::string& path) {
  on_first_rank([&] {
    refuse_directory(path);
    if (is_special(path)) throw IoFailure(path, "is no file");
    impl_ = std::make_unique<Impl>(path);
  });
}
GrowingFile::~GrowingFile() = default;
void GrowingFile::append(std::string_view bytes) {
  on_first_rank([&] { impl_->file.append(bytes); });
}
void GrowingFile::finish(std::string_view start) {
  on_first_rank([&] {
    impl_->file.overwrite_start(start);
    impl_->file.take_name();
  });
}

std::string read_part(const std::string& path, std::uint64_t begin, std::size_t size) {
  return bytes_of_first_rank([&] {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0) fail(path, "cannot be read");
    std::string bytes(size, '\0');
    std::size_t done = 0;
    while (done < size) {
      const ssize_t got =
          ::pread(file.get(), bytes.data() + done, size - done, static_cast<off_t>(begin + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) fail(path, "cannot be read");
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
  });
}
std::uint64_t size_of_file(const std::string& path) {
  std::error_code ignored;
  return of_first_rank(exchange_rank() == 0 && fs::is_regular_file(path, ignored)
                           ? std::uint64_t{fs::file_size(path, ignored)}
                           : std::uint64_t{0});
}
bool is_replaced(const std::string& path) {
  return of_first_rank(exchange_rank() == 0 && !is_special(path));
}
bool file_exists(const std::string& path) {
  std::error_code ignored;
  return of_first_rank(exchange_rank() == 0 && fs::exists(path, ignored));
}

}  // namespace otbridge
