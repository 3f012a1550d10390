# How many requests the HTTP API accepts: Chalice cannot limit them, and links and /health are open to everyone.

locals {
  apis = [
    for resource in try(jsondecode(file("${path.module}/../.chalice/deployed/${var.stage}.json")).resources, []) :
    resource if resource.resource_type == "rest_api"
  ]
  # The last part of its URL; Chalice's own name, unless the configuration has another.
  api_stage = try(reverse(compact(split("/", local.apis[0].rest_api_url)))[0], "api")
}

resource "aws_api_gateway_method_settings" "http_api" {
  count = length(local.apis)

  rest_api_id = local.apis[count.index].rest_api_id
  stage_name  = local.api_stage
  method_path = "*/*"

  settings {
    throttling_rate_limit  = var.api_requests_per_second
    throttling_burst_limit = var.api_burst
  }
}
