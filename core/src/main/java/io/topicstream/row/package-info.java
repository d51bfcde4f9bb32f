/// How what is stored looks as bytes: the shapes that all rows are made of, and a message. Engines keep rows of their
/// own; what is in them twice stands here once.
@NullMarked
package io.topicstream.row;

import org.jspecify.annotations.NullMarked;
