// AnswerRelay: one answer of the node on its way to the client.
//
// A stream goes on as it comes; a stream that was only asked for to keep the node's connection
// alive is put together; everything else is kept until it is whole. Must not know tokens or when to
// try again. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"
#include "cloud/event_reader.h"
#include "cloud/line_reader.h"
#include "net/http_types.h"
#include "net/responder.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::cloud {

class AnswerRelay {
 public:
  // `assembly`: the client wants one whole answer, the node was asked for a stream; null: what
  // comes goes on. `path`: the client's, whose family says how errors look.
  AnswerRelay(net::Responder client, std::unique_ptr<AnswerAssembly> assembly,
              std::string_view path)
      : client_(std::move(client)), assembly_(std::move(assembly)), path_(path) {}

  // A piece of a 2xx answer. False: enough, the transfer may end.
  bool take(const net::Response& head, std::string_view bytes);
  // The 2xx answer is whole. RETURNS the status that the client has got.
  int finish(const net::Response& head);
  // It broke off. RETURNS the status that the client has got.
  int break_off(const Status& why);
  bool began() const { return mode_.has_value(); }  // a piece has come

 private:
  enum class Mode : uint8_t { kWhole, kStream, kAssemble };

  enum class Form : uint8_t { kOther, kEvents, kLines };

  static Form form_of(const net::Response& head);
  void begin(const net::Response& head);
  Status assemble(std::string_view bytes);
  int send_assembled();
  int fail(const Status& why);

  const net::Responder client_;
  const std::unique_ptr<AnswerAssembly> assembly_;
  const std::string path_;
  std::optional<Mode> mode_;
  Form form_ = Form::kOther;
  std::string whole_;
  EventReader events_;
  LineReader lines_;
  Status problem_;
};

// Of the node's headers those that are the client's business.
net::Headers client_headers(const net::Headers& node_headers);

}  // namespace samovar::cloud
