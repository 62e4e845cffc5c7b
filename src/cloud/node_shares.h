// How an alias divides its requests among nodes, as a person writes it: "saiga-1=70".
//
// Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cloud/deployment_record.h"

#include <string>
#include <vector>

namespace samovar::cloud {

// Of words "NODE" or "NODE=PERCENT", all of one kind; without percents the nodes get equal parts,
// the first ones a percent more where 100 can't be divided. NODE is a name or id of the record.
// kInvalidArgument for parts that are not 1 to 100 or do not make 100, and for a node named twice;
// kNotFound for a node that is not remembered.
Result<std::vector<NodeShare>> parse_shares(const std::vector<std::string>& words,
                                            const DeploymentRecord& record);

}  // namespace samovar::cloud
