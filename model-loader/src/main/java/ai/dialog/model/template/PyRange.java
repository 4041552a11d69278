package ai.dialog.model.template;

import java.util.AbstractList;
import java.util.List;

/** Python's {@code range}. */
record PyRange(long start, long stop, long step) {

    int length() {
        if (step > 0) {
            return start < stop ? (int) ((stop - start - 1) / step + 1) : 0;
        }
        return start > stop ? (int) ((start - stop - 1) / -step + 1) : 0;
    }

    List<Object> items() {
        int length = length();
        return new AbstractList<>() {
            @Override
            public Object get(int index) {
                return start + index * step;
            }

            @Override
            public int size() {
                return length;
            }
        };
    }
}
