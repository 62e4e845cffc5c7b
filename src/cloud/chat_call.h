// One question to a node's chat, and its answer as it comes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/node_client.h"

#include <functional>
#include <string>
#include <string_view>

namespace samovar::cloud {

// `write` gets the answer's text piece by piece, and a line feed at its end. The model is the last
// one that the node lists. kBusy for a stream that ends before its [DONE], and for what is none.
Status chat(NodeClient& node, const Secret& authorization, const std::string& question,
            const std::function<Status(std::string_view)>& write);

}  // namespace samovar::cloud
