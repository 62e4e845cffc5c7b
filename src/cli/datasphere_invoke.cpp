// samovar datasphere invoke: one request to a node or an alias.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cloud/chat_call.h"
#include "cloud/cloud_answer.h"
#include "cloud/node_client.h"
#include "sys/file.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class DatasphereInvoke final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("what", &words_,
                       "METHOD PATH, as GET /v1/models; or chat and a text to answer");
    flags_.cloud().declare_target(flags);
    flags_.declare(flags);
    flags.add("--data", &data_, "the body; @FILE: that file's content; @-: standard input");
    flags.add("--dry-run", &dry_run_, "print the request, without what is secret");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(cloud::NodeTarget target, flags_.cloud().target());
    SAMOVAR_ASSIGN(net::ClientRequest request, this->request());
    if (dry_run_) return print(target, request);
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    cloud::NodeClient node(std::move(target), {.ca_file = flags_.cloud().ca_file()});
    SAMOVAR_ASSIGN(const Secret authorization, credentials->authorization());
    if (chats()) return cloud::chat(node, authorization, words_[1], write_stdout);
    request.authorization = authorization;
    Status written;
    request.sink = [&written](const net::Response&, std::string_view bytes) {
      written = write_stdout(bytes);
      return written.ok();
    };
    const cloud::NodeClient::Reply reply = node.perform(std::move(request));
    SAMOVAR_TRY(written);
    if (!reply.result.ok()) return reply.result.status();
    return cloud::check_answer(reply.result->response, node.target().id, {authorization});
  }

 private:
  bool chats() const { return words_.size() == 2 && words_[0] == "chat"; }

  Result<net::ClientRequest> request() const {
    net::ClientRequest request;
    if (chats()) {
      request.method = net::Method::kPost;
      request.url = "/v1/chat/completions";
      return request;
    }
    request.method = words_.empty() ? net::Method::kOther : net::method_from_name(words_[0]);
    if (words_.size() != 2 || request.method == net::Method::kOther ||
        !words_[1].starts_with('/')) {
      return invalid_argument(
          "expected METHOD PATH, as `invoke GET /v1/models`, or `invoke chat \"...\"`");
    }
    request.url = words_[1];
    request.body = data_;
    if (data_.starts_with('@')) {
      SAMOVAR_ASSIGN(request.body, sys::read_file(data_.substr(1), cloud::kMaxNodeBytes));
    }
    if (!request.body.empty()) request.headers.add("Content-Type", "application/json");
    return request;
  }

  static Status print(const cloud::NodeTarget& target, const net::ClientRequest& request) {
    std::string text =
        fmt::format("{} {}{}\n", net::method_name(request.method), target.url, request.url);
    for (const net::Header& header : target.headers()) {
      text += fmt::format("{}: {}\n", header.name, header.value);
    }
    text += "Authorization: Bearer [secret]\n";
    if (!request.body.empty()) text += "\n" + request.body + "\n";
    return write_stdout(text);
  }

  DatasphereFlags flags_;
  std::vector<std::string> words_;
  std::string data_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_datasphere_invoke() {
  return std::make_unique<DatasphereInvoke>();
}

}  // namespace samovar::cli
