// Deployment: a new node takes over from the old one behind an alias, without a lost request.
//
// Make the node, wait until it answers, switch the alias, wait until the alias gives the new node's
// answers, let the streams of those it replaces end, delete them. What has no public API is said to
// a person at the console; what that person did is seen through the node API. Every failure leaves
// the alias where it was. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "cloud/console_steps.h"
#include "cloud/deployment_record.h"
#include "cloud/node_watch.h"

#include <cstdint>
#include <functional>
#include <string>

namespace samovar::cloud {

// Whoever sits at the console.
class Operator {
 public:
  virtual ~Operator() = default;
  virtual Status tell(const std::string& text) = 0;
  // One line; kCancelled at the end of input.
  virtual Result<std::string> ask(const std::string& question) = 0;
};

struct DeployWish {
  NodeWish node;
  std::string node_id;  // of a node that is there already; empty: ask once it is made
  std::string alias;    // undeploy(): empty for all
  std::string stamp;  // a tag that the new node lists with its models; empty: what the record says
  int64_t wait_s = 1800;   // for the new node, for the alias, for the old node's end
  int64_t drain_s = 600;   // for the old node's streams
  int64_t poll_ms = 5000;  // between two looks

  // For undeploy().
  bool means(const std::string& any_alias) const { return alias.empty() || any_alias == alias; }
};

struct DeployContext {
  NodeWatch& watch;
  Operator& person;
  const Clock& clock;
  std::function<void(int64_t ms)> sleep;
  std::function<Status(const DeploymentRecord&)> save;  // after each change of the record
};

// Goes on where an earlier run was broken off, if `wish.node_id` is behind the alias already and
// nodes that it replaced are left. kInvalidArgument where it is, and none are.
Status deploy(const DeployWish& wish, DeploymentRecord& record, const DeployContext& context);

// All aliases and nodes of the record, or with `wish.alias` that one and its nodes; those that
// still answer stay in it.
Status undeploy(const DeployWish& wish, DeploymentRecord& record, const DeployContext& context);

}  // namespace samovar::cloud
