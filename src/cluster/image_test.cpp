#include "cluster/image.h"

#include "host/machine.h"
#include "json/json.h"
#include "store/digest.h"
#include "sys/test_tree.h"

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

std::string run(const host::Arguments& command) {
  auto output = host::Machine::real().run(command);
  CHECK(output.status().message() == "");
  return std::move(output).value_or("");
}

TEST_CASE("an image of a program is what `docker load` expects, and the same for the same files") {
  sys::TestTree tree;
  ImageFiles files{tree.write("/samovar", "program"),
                   {tree.write("/lib/a.so", "library")},
                   tree.write("/certificates", "certificates")};
  const std::string path = tree.path() + "/image.tar";
  REQUIRE(write_image(path, "localhost/samovar:1", files).message() == "");
  const std::string bytes = *sys::read_file(path, 1 << 20);

  std::filesystem::create_directory(tree.path() + "/out");
  run({"tar", "-xf", path, "-C", tree.path() + "/out"});
  const auto read = [&](const std::string& name) {
    return *sys::read_file(tree.path() + "/out/" + name, 1 << 20);
  };
  const json::Value manifest = *json::parse(read("manifest.json"));
  CHECK(manifest[0]["RepoTags"] == json::Value::array({"localhost/samovar:1"}));
  const json::Value config = *json::parse(read(manifest[0]["Config"].get<std::string>()));
  CHECK(config["config"]["User"] == "65532:65532");
  CHECK(config["config"]["Entrypoint"] == json::Value::array({"/usr/bin/samovar"}));
  CHECK(config["config"]["Cmd"] == json::Value::array({"serve", "--pull"}));
  CHECK(config["rootfs"]["diff_ids"][0] == "sha256:" + store::sha256(read("layer.tar")).hex());
  const std::string names = run({"tar", "-tvf", tree.path() + "/out/layer.tar"});
  CHECK(names.find("-rwxr-xr-x 0/0") == 0);
  CHECK(names.find("usr/bin/samovar") != std::string::npos);
  CHECK(names.find("drwxrwxrwt") != std::string::npos);
  CHECK(names.find("65532/65532") != std::string::npos);

  REQUIRE(write_image(path, "localhost/samovar:1", files).ok());
  CHECK(*sys::read_file(path, 1 << 20) == bytes);
}

TEST_CASE("a file that an image needs and that is not there is named") {
  sys::TestTree tree;
  const ImageFiles files{tree.path() + "/gone", {}};
  const Status status = write_image(tree.path() + "/image.tar", "localhost/samovar:1", files);
  CHECK(status.code() == Code::kNotFound);
  CHECK(status.message().find("/gone") != std::string_view::npos);
}

TEST_CASE("a process knows its program and its libraries") {
  const ImageFiles files = *own_image_files();
  CHECK(files.program.ends_with("cluster_test"));
  CHECK(std::any_of(files.libraries.begin(), files.libraries.end(), [](const std::string& path) {
    return path.find("/libc.so.6") != std::string::npos;
  }));
}

}  // namespace
}  // namespace samovar::cluster
