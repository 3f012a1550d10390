# What a dashboard shows, without any provider. The metrics of Assay's own are those in chalicelib/telemetry/metrics.py; a test
# compares the two.

locals {
  region       = split(":", var.state_machine_arn)[3]
  orchestrator = "${var.project}-csv_orchestrator"
  validator    = "${var.project}-csv_validator"
  part         = "${var.project}-part_validator"
  seams        = "${var.project}-seam_checker"
  merger       = "${var.project}-part_merger"
  splitter     = "${var.project}-part_splitter"
  joiner       = "${var.project}-split_joiner"
  loader       = "${var.project}-row_loader"
  status       = "${var.project}-upload_status"
  settler      = "${var.project}-execution_settler"
  sweep        = "${var.project}-upload_sweep"
  authorizer   = "${var.project}-token_authorizer"
  functions = [
    local.orchestrator, local.validator, local.part, local.seams, local.merger, local.splitter, local.joiner, local.loader,
    local.status, local.settler, local.sweep, var.project, local.authorizer,
  ]
  codes = [
    "blank-label", "blank-row", "complex-cell", "compression-error", "constraint-error", "control-error", "duplicate-label",
    "encoding-error", "extra-cell", "extra-label", "foreign-key", "format-error", "incorrect-label", "missing-cell", "missing-label",
    "oversized-file", "oversized-record", "primary-key", "quote-error", "source-error", "type-error", "unique-error",
    "unknown-schema",
  ]

  widgets = [
    {
      title = "Uploads"
      stat  = "Sum"
      metrics = [
        ["Assay", "registered", "function", var.project, { label = "registered" }],
        ["Assay", "started", "function", local.orchestrator, { label = "notified by S3" }],
        ["Assay", "found", "function", local.sweep, { label = "found by the sweep" }],
        ["Assay", "rejected", "function", local.orchestrator, { label = "rejected" }],
      ]
    },
    {
      title = "Verdicts on record"
      stat  = "Sum"
      metrics = [
        ["Assay", "verdicts", "function", local.status, "outcome", "VALIDATED", { label = "VALIDATED" }],
        ["Assay", "verdicts", "function", local.status, "outcome", "VALIDATION_FAILED", { label = "VALIDATION_FAILED" }],
        ["Assay", "systemFailures", "function", local.status, { label = "of these, system failures" }],
        ["Assay", "settled", "function", local.settler, { label = "given by the settler" }],
        ["Assay", "settled", "function", local.sweep, { label = "given by the sweep" }],
      ]
    },
    {
      title = "Verdicts by schema"
      stat  = "Sum"
      metrics = [
        for it in [local.validator, local.merger] :
        [{ expression = "SEARCH('{Assay,function,schema,outcome} MetricName=\"verdicts\" function=\"${it}\"', 'Sum', 300)" }]
      ]
    },
    {
      title = "Errors by code"
      stat  = "Sum"
      metrics = concat(
        [for code in local.codes : ["Assay", code, "function", local.validator, { label = code }]],
        [for code in local.codes : ["Assay", code, "function", local.merger, { label = "${code}, in parts" }]],
      )
    },
    {
      title = "Seconds to the verdict"
      stat  = "p50"
      metrics = [
        ["Assay", "secondsToVerdict", "function", local.status, { label = "p50" }],
        ["Assay", "secondsToVerdict", "function", local.status, { label = "p95", stat = "p95" }],
      ]
    },
    {
      title = "Checked"
      stat  = "Sum"
      metrics = [
        ["Assay", "verdicts", "function", local.validator, { label = "files" }],
        ["Assay", "rows", "function", local.validator, { label = "rows" }],
        ["Assay", "errors", "function", local.validator, { label = "errors" }],
        ["Assay", "rejectedRows", "function", local.validator, { label = "rejected rows" }],
        ["Assay", "acceptedRows", "function", local.validator, { label = "accepted rows" }],
        ["Assay", "bytes", "function", local.validator, { label = "bytes", yAxis = "right" }],
      ]
    },
    {
      title = "Checked in parts"
      stat  = "Sum"
      metrics = [
        ["Assay", "verdicts", "function", local.merger, { label = "files" }],
        ["Assay", "parts", "function", local.merger, { label = "parts" }],
        ["Assay", "repeatedParts", "function", local.seams, { label = "parts entered at the wrong offset" }],
        ["Assay", "errors", "function", local.merger, { label = "errors" }],
        ["Assay", "rejectedRows", "function", local.merger, { label = "rejected rows" }],
        ["Assay", "acceptedRows", "function", local.merger, { label = "accepted rows" }],
        ["Assay", "rows", "function", local.merger, { label = "rows", yAxis = "right" }],
        ["Assay", "bytes", "function", local.merger, { label = "bytes", yAxis = "right" }],
      ]
    },
    {
      title = "Loaded"
      stat  = "Sum"
      metrics = [
        ["Assay", "loads", "function", local.loader, { label = "files" }],
        ["Assay", "loadedRows", "function", local.loader, { label = "rows", yAxis = "right" }],
      ]
    },
    {
      title = "Bytes a second"
      stat  = "p50"
      metrics = [
        ["Assay", "bytesPerSecond", "function", local.validator, { label = "p50" }],
        ["Assay", "bytesPerSecond", "function", local.validator, { label = "p5", stat = "p5" }],
      ]
    },
    {
      title = "Requests that the HTTP API failed"
      stat  = "Sum"
      metrics = [
        ["Assay", "faults", "function", var.project, { label = "500 or 503" }],
      ]
    },
    {
      title = "Executions that came to nothing"
      stat  = "Sum"
      metrics = [
        for metric in ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"] :
        ["AWS/States", metric, "StateMachineArn", var.state_machine_arn, { label = metric }]
      ]
    },
    {
      title = "Begun again"
      stat  = "Sum"
      metrics = [
        ["Assay", "restarted", "function", local.settler, { label = "attempts, by the settler" }],
        ["Assay", "restarted", "function", local.sweep, { label = "attempts, by the sweep" }],
        ["Assay", "started", "function", local.sweep, { label = "executions, by the sweep" }],
        ["Assay", "failed", "function", local.sweep, { label = "what the sweep failed at" }],
      ]
    },
    {
      title = "Verdicts without an event"
      stat  = "Sum"
      metrics = [
        for it in [local.status, local.settler, local.sweep] : ["Assay", "unpublishedVerdicts", "function", it, { label = it }]
      ]
    },
    {
      title = "Notifications that were not handled"
      stat  = "Maximum"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dead_letter_queue_name, { label = "dead letters" }],
      ]
    },
    {
      title   = "Functions: errors"
      stat    = "Sum"
      metrics = [for it in local.functions : ["AWS/Lambda", "Errors", "FunctionName", it, { label = it }]]
    },
    {
      title   = "Functions: throttles"
      stat    = "Sum"
      metrics = [for it in local.functions : ["AWS/Lambda", "Throttles", "FunctionName", it, { label = it }]]
    },
    {
      title   = "Functions: longest duration"
      stat    = "Maximum"
      metrics = [for it in local.functions : ["AWS/Lambda", "Duration", "FunctionName", it, { label = it }]]
    },
  ]

  # Three beside each other, on a grid of 24.
  placed = [
    for index, widget in local.widgets : {
      type   = "metric"
      x      = index % 3 * 8
      y      = floor(index / 3) * 6
      width  = 8
      height = 6
      properties = {
        title   = widget.title
        region  = local.region
        view    = "timeSeries"
        period  = 300
        stat    = widget.stat
        metrics = widget.metrics
      }
    }
  ]
}
