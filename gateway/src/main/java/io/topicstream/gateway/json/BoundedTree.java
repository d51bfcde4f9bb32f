package io.topicstream.gateway.json;

import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPathException;
import com.jayway.jsonpath.TypeRef;
import com.jayway.jsonpath.spi.json.AbstractJsonProvider;
import com.jayway.jsonpath.spi.mapper.MappingProvider;
import java.io.InputStream;
import java.util.Collection;
import java.util.LinkedHashMap;

/// Our values as JSONPath sees them, for one evaluation: it may look at so many of them and no more.
final class BoundedTree extends AbstractJsonProvider {
    /// The most values that one evaluation looks at. A body of 128 KiB has fewer than a tenth of it.
    static final int MAX_LOOKS = 1_000_000;

    /// Nothing is ever mapped to classes.
    static final MappingProvider NO_MAPPING = new MappingProvider() {
        @Override
        public <T> T map(Object source, Class<T> targetType, Configuration configuration) {
            throw new JsonPathException("no mapping");
        }

        @Override
        public <T> T map(Object source, TypeRef<T> targetType, Configuration configuration) {
            throw new JsonPathException("no mapping");
        }
    };

    private int looks;

    private void look() {
        if (++looks > MAX_LOOKS) {
            throw new JsonPathException("the path looks at too many values");
        }
    }

    @Override
    public Object parse(String json) {
        throw new JsonPathException("no parsing");
    }

    @Override
    public Object parse(InputStream jsonStream, String charset) {
        throw new JsonPathException("no parsing");
    }

    @Override
    public String toJson(Object obj) {
        return JsonText.json(obj);
    }

    @Override
    public Object createArray() {
        return new JsonList();
    }

    @Override
    public Object createMap() {
        return new LinkedHashMap<String, Object>();
    }

    @Override
    public boolean isArray(Object obj) {
        look();
        return super.isArray(obj);
    }

    @Override
    public boolean isMap(Object obj) {
        look();
        return super.isMap(obj);
    }

    @Override
    public Object getMapValue(Object obj, String key) {
        look();
        return super.getMapValue(obj, key);
    }

    @Override
    public Object getArrayIndex(Object obj, int idx) {
        look();
        return super.getArrayIndex(obj, idx);
    }

    @Override
    public Collection<String> getPropertyKeys(Object obj) {
        look();
        return super.getPropertyKeys(obj);
    }
}
