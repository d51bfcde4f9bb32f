/// What Lambda runs: a handler for each kind of function, put together from what its environment says. Around a
/// snapshot of a function a [Rehearsal] does beforehand what its first call would do.
@NullMarked
package io.topicstream.aws.runtime;

import org.jspecify.annotations.NullMarked;
