/// The services of an account of AWS, or of stand-ins, for programs that are no functions.
@NullMarked
package io.topicstream.aws.account;

import org.jspecify.annotations.NullMarked;
