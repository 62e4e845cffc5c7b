// Files of deploy/ that are part of the program (CMakeLists.txt embeds them).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace samovar::cluster {

extern const std::string_view kServerYaml;        // deploy/k8s/llama-server.yaml
extern const std::string_view kMonitoredYaml;     // deploy/k8s/monitoring.yaml
extern const std::string_view kGrafanaMountYaml;  // deploy/grafana/mount.yaml

}  // namespace samovar::cluster
