// as_stream_request(): a request for one whole answer as one for a stream, so that the connection
// to the node is never silent for long.
//
// Knows the families of samovar's API by their paths: OpenAI's, llama-server's, Ollama's.
// Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/answer_assembly.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::cloud {

struct StreamRequest {
  std::string body;  // of the request to the node
  std::function<std::unique_ptr<AnswerAssembly>()> begin_assembly;
};

// Nothing where the answer is none that can be streamed, or is wanted as a stream, or where `body`
// is not understood: such a request goes on as it is.
std::optional<StreamRequest> as_stream_request(std::string_view path, std::string_view body);

}  // namespace samovar::cloud
