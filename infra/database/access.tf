# How functions in private subnets reach Secrets Manager, Step Functions and EventBridge: by an endpoint each, or by a NAT
# gateway. S3 has a gateway endpoint, which is free.

locals {
  has_endpoints = var.access == "endpoints"
  has_nat       = var.access == "nat"
  # EventBridge only where the stage publishes events.
  services = local.has_endpoints ? concat(["secretsmanager", "states"], try(local.environment.EVENT_BUS, null) == null ? [] : ["events"]) : []
}

data "aws_vpc_endpoint_service" "s3" {
  count = var.access == "none" ? 0 : 1

  service      = "s3"
  service_type = "Gateway"
}

data "aws_vpc_endpoint_service" "interface" {
  for_each = toset(local.services)

  service      = each.key
  service_type = "Interface"
}

data "aws_route_table" "given" {
  for_each = local.makes_vpc || var.access == "none" ? [] : toset(var.subnet_ids)

  subnet_id = each.key
}

resource "aws_vpc_endpoint" "s3" {
  count = var.access == "none" ? 0 : 1

  vpc_id            = local.vpc_id
  service_name      = data.aws_vpc_endpoint_service.s3[0].service_name
  vpc_endpoint_type = "Gateway"
  route_table_ids   = local.makes_vpc ? aws_route_table.private[*].id : distinct([for table in data.aws_route_table.given : table.id])
  tags              = { Name = "${local.project}-s3" }
}

resource "aws_vpc_endpoint" "interface" {
  for_each = toset(local.services)

  vpc_id              = local.vpc_id
  service_name        = data.aws_vpc_endpoint_service.interface[each.key].service_name
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = slice(local.subnet_ids, 0, var.endpoint_zones)
  security_group_ids  = [aws_security_group.endpoints[0].id]
  tags                = { Name = "${local.project}-${each.key}" }
}

resource "aws_security_group" "endpoints" {
  count = local.has_endpoints ? 1 : 0

  name        = "${local.project}-endpoints"
  description = "Endpoints for ${local.project}: in from its functions"
  vpc_id      = local.vpc_id
}

resource "aws_security_group_rule" "endpoints_from_functions" {
  count = local.has_endpoints ? 1 : 0

  description              = "HTTPS"
  type                     = "ingress"
  security_group_id        = aws_security_group.endpoints[0].id
  source_security_group_id = aws_security_group.functions.id
  protocol                 = "tcp"
  from_port                = 443
  to_port                  = 443
}

resource "aws_internet_gateway" "this" {
  count = local.has_nat ? 1 : 0

  vpc_id = local.vpc_id
  tags   = { Name = local.project }

  lifecycle {
    precondition {
      condition     = local.makes_vpc
      error_message = "access is \"nat\" in a VPC that is made here; a VPC that is given has its own, with access \"none\"."
    }
  }
}

resource "aws_subnet" "public" {
  count = local.has_nat ? 1 : 0

  vpc_id            = local.vpc_id
  cidr_block        = cidrsubnet(var.vpc_cidr, 2, 3)
  availability_zone = data.aws_availability_zones.this[0].names[0]
  tags              = { Name = "${local.project}-public" }
}

resource "aws_route_table" "public" {
  count = local.has_nat ? 1 : 0

  vpc_id = local.vpc_id
  tags   = { Name = "${local.project}-public" }
}

resource "aws_route" "public_to_internet" {
  count = local.has_nat ? 1 : 0

  route_table_id         = aws_route_table.public[0].id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this[0].id
}

resource "aws_route_table_association" "public" {
  count = local.has_nat ? 1 : 0

  subnet_id      = aws_subnet.public[0].id
  route_table_id = aws_route_table.public[0].id
}

resource "aws_eip" "nat" {
  count = local.has_nat ? 1 : 0

  tags       = { Name = "${local.project}-nat" }
  depends_on = [aws_internet_gateway.this]
}

resource "aws_nat_gateway" "this" {
  count = local.has_nat ? 1 : 0

  allocation_id = aws_eip.nat[0].id
  subnet_id     = aws_subnet.public[0].id
  tags          = { Name = local.project }
  depends_on    = [aws_internet_gateway.this]
}

resource "aws_route" "private_to_nat" {
  count = local.has_nat ? 1 : 0

  route_table_id         = aws_route_table.private[0].id
  destination_cidr_block = "0.0.0.0/0"
  nat_gateway_id         = aws_nat_gateway.this[0].id
}
