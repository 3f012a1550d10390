# A VPC with private subnets, unless one is given, and who in it may connect to whom.

locals {
  makes_vpc  = var.vpc_id == null
  vpc_id     = local.makes_vpc ? aws_vpc.this[0].id : var.vpc_id
  subnet_ids = local.makes_vpc ? aws_subnet.private[*].id : var.subnet_ids
  # RDS wants subnets in two zones or more.
  zones = 2
}

data "aws_availability_zones" "this" {
  count = local.makes_vpc ? 1 : 0
  state = "available"
}

resource "aws_vpc" "this" {
  count = local.makes_vpc ? 1 : 0

  cidr_block = var.vpc_cidr
  # Endpoints answer under the names of the services.
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = local.project }

  lifecycle {
    precondition {
      condition     = length(var.subnet_ids) == 0
      error_message = "subnet_ids are those of vpc_id, which is not given."
    }
  }
}

resource "aws_subnet" "private" {
  count = local.makes_vpc ? local.zones : 0

  vpc_id            = aws_vpc.this[0].id
  cidr_block        = cidrsubnet(var.vpc_cidr, 2, count.index)
  availability_zone = data.aws_availability_zones.this[0].names[count.index]
  tags              = { Name = "${local.project}-private-${count.index + 1}" }
}

resource "aws_route_table" "private" {
  count = local.makes_vpc ? 1 : 0

  vpc_id = aws_vpc.this[0].id
  tags   = { Name = "${local.project}-private" }
}

resource "aws_route_table_association" "private" {
  count = local.makes_vpc ? local.zones : 0

  subnet_id      = aws_subnet.private[count.index].id
  route_table_id = aws_route_table.private[0].id
}

resource "aws_security_group" "functions" {
  name        = "${local.project}-functions"
  description = "Functions of ${local.project}: out to the database and to AWS"
  vpc_id      = local.vpc_id
}

resource "aws_security_group_rule" "functions_to_database" {
  description              = "PostgreSQL"
  type                     = "egress"
  security_group_id        = aws_security_group.functions.id
  source_security_group_id = aws_security_group.database.id
  protocol                 = "tcp"
  from_port                = local.port
  to_port                  = local.port
}

resource "aws_security_group_rule" "functions_to_aws" {
  description       = "HTTPS to the services of AWS, by endpoints or a NAT gateway"
  type              = "egress"
  security_group_id = aws_security_group.functions.id
  cidr_blocks       = ["0.0.0.0/0"]
  protocol          = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_security_group" "database" {
  name        = "${local.project}-database"
  description = "Database of ${local.project}: in from its functions"
  vpc_id      = local.vpc_id
}

resource "aws_security_group_rule" "database_from_functions" {
  description              = "PostgreSQL"
  type                     = "ingress"
  security_group_id        = aws_security_group.database.id
  source_security_group_id = aws_security_group.functions.id
  protocol                 = "tcp"
  from_port                = local.port
  to_port                  = local.port
}
