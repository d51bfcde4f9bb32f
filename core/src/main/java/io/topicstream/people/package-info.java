/// What belongs to users, on whichever connection they are.
@NullMarked
package io.topicstream.people;

import org.jspecify.annotations.NullMarked;
