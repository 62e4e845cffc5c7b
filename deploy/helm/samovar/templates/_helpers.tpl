{{/* Names, labels and the parts that several containers share. SPDX-License-Identifier: Apache-2.0 */}}

{{/* The release's own name; 52: what a StatefulSet adds to it must fit into a label. */}}
{{- define "samovar.name" -}}
{{- .Values.fullnameOverride | default .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- end }}

{{- define "samovar.selector" -}}
app.kubernetes.io/name: samovar
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: server
{{- end }}

{{- define "samovar.labels" -}}
app.kubernetes.io/name: samovar
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{- define "samovar.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "samovar.secret" -}}
{{- .Values.auth.existingSecret | default (printf "%s-keys" (include "samovar.name" .)) -}}
{{- end }}

{{- define "samovar.hasKeys" -}}
{{- if or .Values.auth.keys .Values.auth.existingSecret }}true{{ end -}}
{{- end }}

{{/* Whether the pod fetches the model itself: the store can be written and the model is a name. */}}
{{- define "samovar.pulls" -}}
{{- if and (has .Values.store.type (list "pvc" "emptyDir")) (not (hasPrefix "/" .Values.model)) }}true{{ end -}}
{{- end }}

{{/* What `plan` and `serve` both must know, so that the plan is the server's. */}}
{{- define "samovar.modelArgs" -}}
- {{ .Values.model | quote }}
- --ctx-size={{ int64 .Values.context }}
- --parallel={{ int64 .Values.parallel }}
- --kv={{ .Values.kv }}
{{- with int64 .Values.cacheTokens }}
- --cache-tokens={{ . }}
{{- end }}
{{- with int64 .Values.batchSize }}
- --batch-size={{ . }}
{{- end }}
{{- end }}

{{- define "samovar.env" -}}
- {name: HOME, value: /tmp}
- {name: SAMOVAR_METRICS_THROUGHPUT, value: lifetime}
{{- if ne .Values.store.type "image" }}
- {name: HF_HUB_CACHE, value: /models}
{{- end }}
{{- if eq (include "samovar.pulls" .) "" }}
- {name: HF_HUB_OFFLINE, value: "1"}
{{- end }}
{{- with .Values.extraEnv }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "samovar.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ int64 .Values.user }}
runAsGroup: {{ int64 .Values.user }}
fsGroup: {{ int64 .Values.user }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "samovar.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* A container's common part. Same limits in all, so that `plan` sees the server's. */}}
{{- define "samovar.container" -}}
image: {{ include "samovar.image" . }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
env:
  {{- include "samovar.env" . | nindent 2 }}
resources:
  {{- toYaml .Values.resources | nindent 2 }}
securityContext:
  {{- include "samovar.containerSecurity" . | nindent 2 }}
{{- end }}

{{/* Of {type: the store's type, readOnly}. */}}
{{- define "samovar.mounts" -}}
- {name: tmp, mountPath: /tmp}
{{- if ne .type "image" }}
- {name: models, mountPath: /models, readOnly: {{ .readOnly }}}
{{- end }}
{{- end }}

{{/* "2560Mi" -> bytes */}}
{{- define "samovar.bytes" -}}
{{- $units := dict "" 1 "k" 1000 "M" 1000000 "G" 1000000000 "T" 1000000000000 "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "Ti" 1099511627776 -}}
{{- mul (regexFind "^[0-9]+" . | int64) (get $units (regexFind "[A-Za-z]*$" .) | int64) -}}
{{- end }}
