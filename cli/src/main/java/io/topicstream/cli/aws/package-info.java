/// The serverless edition on one machine: its functions in this process, behind our own gateway.
@NullMarked
package io.topicstream.cli.aws;

import org.jspecify.annotations.NullMarked;
