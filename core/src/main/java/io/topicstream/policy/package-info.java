/// What holds for a topic, at every door: `TopicPolicies`, a function from topics to policies. Commands
/// ask it, and an engine is handed it with the configuration that it is opened with.
@NullMarked
package io.topicstream.policy;

import org.jspecify.annotations.NullMarked;
