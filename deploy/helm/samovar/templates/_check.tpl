{{/* What values.schema.json can't say: values that must fit each other. SPDX-License-Identifier: Apache-2.0 */}}

{{- define "samovar.check" -}}
{{- include "samovar.checkMemory" . -}}
{{- include "samovar.checkArguments" . -}}
{{- $name := include "samovar.name" . -}}
{{- if not (regexMatch "^[a-z]([-a-z0-9]*[a-z0-9])?$" $name) -}}
  {{- fail (printf "name: expected a letter, then a-z, 0-9 and -, as a Service's name must be, found %s: set fullnameOverride" $name) -}}
{{- end -}}
{{- with .Values.shutdown -}}
  {{- $needed := add .preStopSeconds .drainSeconds 5 -}}
  {{- if lt (int64 $.Values.terminationGracePeriodSeconds) $needed -}}
    {{- fail (printf "terminationGracePeriodSeconds: expected at least %d (shutdown.preStopSeconds + shutdown.drainSeconds + 5), found %d" $needed (int64 $.Values.terminationGracePeriodSeconds)) -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.auth.keys .Values.auth.existingSecret -}}
  {{- fail "auth: expected keys or existingSecret, found both" -}}
{{- end -}}
{{- with .Values.autoscaling -}}
  {{- if and .enabled (lt (int64 .maxReplicas) (int64 .minReplicas)) -}}
    {{- fail (printf "autoscaling.maxReplicas: expected at least autoscaling.minReplicas (%d), found %d" (int64 .minReplicas) (int64 .maxReplicas)) -}}
  {{- end -}}
{{- end -}}
{{- if and .Values.ingress.enabled (not .Values.ingress.hosts) -}}
  {{- fail "ingress.hosts: expected at least one name, found none" -}}
{{- end -}}
{{- if and (hasPrefix "/" .Values.model) (ne .Values.store.type "image") (not (hasPrefix "/models/" .Values.model)) -}}
  {{- fail (printf "model: expected a name or a path below /models, found %s" .Values.model) -}}
{{- end -}}
{{- end }}

{{- /* What the rest of the chart counts on, or the init container `plan` would not see. */}}
{{- define "samovar.checkArguments" -}}
{{- $values := dict "--model" "model" "-m" "model" "--hf-repo" "model" "-hf" "model" "--ctx-size" "context" "-c" "context" "--parallel" "parallel" "-np" "parallel" "--kv" "kv" "--cache-type-k" "kv" "-ctk" "kv" "--cache-type-v" "kv" "-ctv" "kv" "--cache-tokens" "cacheTokens" "--batch-size" "batchSize" "-b" "batchSize" -}}
{{- $others := dict "--drain" "shutdown.drainSeconds, which the pod's grace period counts on" "--api-key" "auth.keys, which Prometheus gets too" "--api-key-file" "auth.existingSecret, which Prometheus gets too" -}}
{{- range .Values.extraArgs -}}
  {{- $flag := include "samovar.flagOf" . -}}
  {{- if has $flag (list "--api-prefix" "--host" "--port") -}}
    {{- fail (printf "extraArgs: %s: probes, Service and ServiceMonitor ask 0.0.0.0:8080 without a prefix; service.port and ingress are for other addresses" $flag) -}}
  {{- end -}}
  {{- if hasKey $values $flag -}}
    {{- fail (printf "extraArgs: %s: set the value %s, which the init container plan gets too" $flag (get $values $flag)) -}}
  {{- end -}}
  {{- if hasKey $others $flag -}}
    {{- fail (printf "extraArgs: %s: set the value %s" $flag (get $others $flag)) -}}
  {{- end -}}
{{- end -}}
{{- end }}

{{- /* "--ctx-size=4096" -> "--ctx-size", "-b64" -> "-b"; -cb, -md and -mu are flags of their own. */}}
{{- define "samovar.flagOf" -}}
{{- $flag := regexFind "^-[^=]*" . -}}
{{- if has $flag (list "-cb" "-ctk" "-ctv" "-md" "-mu") -}}
{{- $flag -}}
{{- else -}}
{{- regexFind "^-[bcm]" $flag | default $flag -}}
{{- end -}}
{{- end }}

{{- define "samovar.checkMemory" -}}
{{- $limit := .Values.resources.limits.memory -}}
{{- $request := dig "requests" "memory" $limit .Values.resources -}}
{{- $less := lt (include "samovar.bytes" $request | int64) (include "samovar.bytes" $limit | int64) -}}
{{- if gt (include "samovar.bytes" $request | int64) (include "samovar.bytes" $limit | int64) -}}
  {{- fail (printf "resources.requests.memory: expected at most resources.limits.memory (%s), found %s" $limit $request) -}}
{{- end -}}
{{- if and .Values.swap (not $less) -}}
  {{- fail (printf "swap: true needs resources.requests.memory below resources.limits.memory (%s), found %s: Kubernetes gives no swap to a pod whose request is its limit" $limit $request) -}}
{{- end -}}
{{- if and (not .Values.swap) $less -}}
  {{- fail (printf "swap: false needs resources.requests.memory equal to resources.limits.memory (%s) or absent, found %s: Kubernetes gives swap to a pod whose request is below its limit" $limit $request) -}}
{{- end -}}
{{- end }}
