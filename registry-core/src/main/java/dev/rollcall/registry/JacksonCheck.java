package dev.rollcall.registry;

import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.AbstractDeserializer;
import com.fasterxml.jackson.databind.deser.BeanDeserializerBase;
import com.fasterxml.jackson.databind.deser.DefaultDeserializationContext;
import com.fasterxml.jackson.databind.deser.SettableBeanProperty;
import com.fasterxml.jackson.databind.deser.ValueInstantiator;
import com.fasterxml.jackson.databind.deser.impl.UnsupportedTypeDeserializer;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.ser.impl.UnknownSerializer;
import com.fasterxml.jackson.databind.ser.impl.UnsupportedTypeSerializer;
import com.fasterxml.jackson.databind.ser.std.BeanSerializerBase;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;

/**
 * Finds out what Jackson would only find out with the first record that it writes or reads: a type that it has no way to write or to read. Looks at a
 * type and at the types of its properties, as far as they are declared.
 */
final class JacksonCheck {
    private final Class<?> root;
    private final SerializerProvider writing;
    private final DeserializationContext reading;
    private final Set<JavaType> seen = new HashSet<>();

    private JacksonCheck(ObjectMapper mapper, Class<?> root) {
        this.root = root;
        this.writing = mapper.getSerializerProviderInstance();
        this.reading = ((DefaultDeserializationContext) mapper.getDeserializationContext())
                .createDummyInstance(mapper.getDeserializationConfig());
    }

    /**
     * Checks a type.
     *
     * @throws IllegalArgumentException if it cannot be written or read; the message names the property and the way out
     */
    static void check(ObjectMapper mapper, Class<?> type) {
        JacksonCheck check = new JacksonCheck(mapper, type);
        check.type(mapper.constructType(type), "");
    }

    private void type(JavaType type, String path) {
        if (type.isJavaLangObject() || !seen.add(type)) {
            return;
        }
        JavaType content = type.getContentType();
        if (content != null) {
            JavaType key = type.getKeyType();
            if (key != null) {
                key(key, path);
            }
            // First, since it is named more closely than what has it.
            type(content, path);
        }
        if (type.isPrimitive() || type.isEnumType()) {
            return;
        }
        try {
            JsonSerializer<Object> serializer = writing.findValueSerializer(type);
            if (serializer instanceof UnsupportedTypeSerializer || serializer instanceof UnknownSerializer) {
                throw refused(type, path, "written");
            }
            JsonDeserializer<Object> deserializer = reading.findRootValueDeserializer(type);
            if (deserializer instanceof UnsupportedTypeDeserializer || deserializer instanceof AbstractDeserializer) {
                throw refused(type, path, "read");
            }
            if (deserializer instanceof BeanDeserializerBase bean) {
                bean(type, bean, path);
                if (serializer instanceof BeanSerializerBase && losesAll(type, serializer, bean)) {
                    throw refused(type, path, "read, since nothing of what is written of it can be set");
                }
            }
        } catch (JsonMappingException e) {
            // Of one of its properties perhaps, which Jackson does not name.
            for (BeanPropertyDefinition property :
                    reading.getConfig().introspect(type).findProperties()) {
                type(property.getPrimaryType(), below(path, property.getName()));
            }
            throw refused(type, path, "written and read");
        }
    }

    private static String below(String path, String name) {
        return path.isEmpty() ? name : path + "." + name;
    }

    /** The keys of a map, which Jackson writes and reads in other ways than values. */
    private void key(JavaType type, String path) {
        try {
            writing.findKeySerializer(type, null);
            reading.findKeyDeserializer(type, null);
        } catch (JsonMappingException e) {
            throw refused(type, path, "the key of a map that is written and read");
        }
    }

    private void bean(JavaType type, BeanDeserializerBase bean, String path) {
        ValueInstantiator makes = bean.getValueInstantiator();
        if (!makes.canCreateUsingDefault() && !makes.canCreateFromObjectWith() && !makes.canCreateUsingDelegate()) {
            throw refused(type, path, "read");
        }
        for (Iterator<SettableBeanProperty> properties = bean.properties(); properties.hasNext(); ) {
            SettableBeanProperty property = properties.next();
            if (!property.hasValueTypeDeserializer()) {
                type(property.getType(), below(path, property.getName()));
            }
        }
    }

    /** Whether a type is written by its getters, and read without a look at what was written. */
    private boolean losesAll(JavaType type, JsonSerializer<Object> serializer, BeanDeserializerBase bean) {
        return serializer.properties().hasNext()
                && !bean.properties().hasNext()
                && !bean.getValueInstantiator().canCreateUsingDelegate()
                && reading.getConfig().introspect(type).findAnySetterAccessor() == null;
    }

    private IllegalArgumentException refused(JavaType type, String path, String what) {
        return new IllegalArgumentException(
                "Records of " + root.getName() + " cannot be kept as JSON: "
                        + (path.isEmpty()
                                ? "it"
                                : "the field '" + path + "', a "
                                        + type.getRawClass().getName() + ",") + " cannot be "
                        + what
                        + ". Use another type, give NodeCodec.json a mapper that knows this one, or write the codec with NodeCodec.of.");
    }
}
