/// Pages for browsers that are built elsewhere and served from memory: files by their paths, each with what browsers
/// are told of it. Nothing that a request names is looked up in a file system or an archive.
@NullMarked
package io.topicstream.server.pages;

import org.jspecify.annotations.NullMarked;
