variable "environment" {
  description = "What the system is for; several stand side by side"
  type        = string
  default     = "dev"

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "It has to be dev, staging or prod."
  }
}

variable "project_name" {
  description = "With which names begin"
  type        = string
  default     = "topicstream"
}

variable "region" {
  description = "Where the system is"
  type        = string
  default     = "us-east-1"
}

variable "enable_detailed_monitoring" {
  description = "Access logs, the gateway's own logs and metrics of each route"
  type        = bool
  default     = false
}

variable "enable_xray_tracing" {
  description = "Traces of the functions"
  type        = bool
  default     = false
}

variable "message_retention_hours" {
  description = "Hours after which messages end"
  type        = number
  default     = 720
}

variable "parameters" {
  description = "All other parameters of the template, by their names there, such as { AllowGuests = true }"
  type        = map(string)
  default     = {}
}

variable "make_gateway_role" {
  description = "Whether to make the role by which API Gateway writes logs; detailed monitoring needs it, once for an account and region"
  type        = bool
  default     = false
}

variable "template" {
  description = "The template; that of this project without it"
  type        = string
  default     = null
}

variable "archives" {
  description = "The folder with the archives of the functions; the one that the build of this project leaves without it"
  type        = string
  default     = null
}
