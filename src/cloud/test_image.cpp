#include "cloud/test_image.h"

#include "base/check.h"
#include "store/archive_writer.h"

#include <cstdlib>
#include <unistd.h>

namespace samovar::cloud {

TestImage::TestImage(const std::vector<TestMember>& members) {
  path_ = "/tmp/samovar_image_XXXXXX";
  const int fd = mkstemp(path_.data());
  SAMOVAR_CHECK(fd >= 0);
  auto tar = store::ArchiveWriter::begin([fd](std::span<const std::byte> bytes) {
    SAMOVAR_CHECK(write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
    return Status();
  });
  SAMOVAR_CHECK(tar.ok());
  for (const TestMember& member : members) {
    const Status added = member.link_target.empty()
                             ? tar->add_text(member.name, member.text)
                             : tar->add_link(member.name, member.link_target);
    SAMOVAR_CHECK(added.ok());
  }
  SAMOVAR_CHECK(tar->finish().ok());
  close(fd);
}

TestImage::~TestImage() {
  unlink(path_.c_str());
}

}  // namespace samovar::cloud
