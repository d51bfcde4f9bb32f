/// What listeners and nodes tell each other and nobody keeps, and how a loss of it is made good: a signal is a
/// hint, and the truth is read again after each loss.
@NullMarked
package io.topicstream.signal;

import org.jspecify.annotations.NullMarked;
