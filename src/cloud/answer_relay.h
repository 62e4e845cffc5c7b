// AnswerRelay: one answer of the node on its way to the client.
//
// A stream goes on as it comes; a stream that was only asked for to keep the node's connection
// alive is put together; everything else is kept until it is whole. Must not know tokens or when to
// try again. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"
#include "cloud/event_reader.h"
#include "net/http_types.h"
#include "net/responder.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::cloud {

class AnswerRelay {
 public:
  // `assembles`: the client wants one whole answer, the node was asked for a stream.
  AnswerRelay(net::Responder client, bool assembles)
      : client_(std::move(client)), assembles_(assembles) {}

  // A piece of a 2xx answer. False: enough, the transfer may end.
  bool take(const net::Response& head, std::string_view bytes);
  // The 2xx answer is whole. RETURNS the status that the client has got.
  int finish(const net::Response& head);
  // It broke off. RETURNS the status that the client has got.
  int break_off(const Status& why);
  bool began() const { return mode_.has_value(); }  // a piece has come

 private:
  enum class Mode : uint8_t { kWhole, kStream, kAssemble };

  Mode mode_for(const net::Response& head) const;
  int send_assembled();
  int fail(const Status& why);

  const net::Responder client_;
  const bool assembles_;
  std::optional<Mode> mode_;
  bool is_event_stream_ = false;
  std::string whole_;
  EventReader events_;
  AnswerAssembly assembly_;
  Status problem_;
};

// Of the node's headers those that are the client's business.
net::Headers client_headers(const net::Headers& node_headers);

}  // namespace samovar::cloud
