/// The chat with a workflow: one room for all, in which nothing that is said goes straight to others. The back end
/// writes down what happens as an event on a topic of TopicStream; a sink posts it to the worker, and the worker
/// distributes it.
@NullMarked
package io.topicstream.examples.chatworkflow;

import org.jspecify.annotations.NullMarked;
