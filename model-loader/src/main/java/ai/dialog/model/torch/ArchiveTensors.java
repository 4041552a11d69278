package ai.dialog.model.torch;

import ai.dialog.model.ModelException;
import ai.dialog.model.checkpoint.Checkpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tensors of an archive that is being planned, each of which gets the next key; checks weights of the checkpoint for their shape. */
final class ArchiveTensors {
    private final Checkpoint checkpoint;
    private final List<ArchiveTensor> tensors = new ArrayList<>();

    ArchiveTensors(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /** In the order in which they are written. */
    List<ArchiveTensor> all() {
        return tensors;
    }

    /** How many weights it has, each counted once, without the constants that were made here. */
    long parameters() {
        return tensors.stream()
                .flatMap(tensor -> tensor.parts().stream())
                .flatMap(part -> weights(part).stream())
                .map(ArchiveTensor.Weight::name)
                .distinct()
                .mapToLong(name -> Arrays.stream(checkpoint.shape(name)).reduce(1, Math::multiplyExact))
                .sum();
    }

    private static List<ArchiveTensor.Weight> weights(ArchiveTensor.Part part) {
        return switch (part) {
            case ArchiveTensor.Weight weight -> List.of(weight);
            case ArchiveTensor.Turned turned -> List.of(turned.weight());
            case ArchiveTensor.Quantized quantized -> quantized.matrix().weights();
            case ArchiveTensor.Scales scales -> scales.matrix().weights();
            case ArchiveTensor.FourBits fourBits -> fourBits.matrix().weights();
            case ArchiveTensor.Groups groups -> groups.matrix().weights();
            case ArchiveTensor.Turn turn -> List.of();
            case ArchiveTensor.Values made -> List.of();
        };
    }

    /** Of values made here, one below the other. */
    ArchiveTensor made(List<Float> values) {
        return add(ElementType.FLOAT32, shape(values.size()), new ArchiveTensor.Values(values));
    }

    /** Adds what is made of weights of the checkpoint, which have to be of that shape in all. */
    ArchiveTensor tensor(ElementType element, List<Long> shape, ArchiveTensor.Part... parts) {
        checkRows(shape, parts);
        return add(element, shape, parts);
    }

    /** Adds what needs no check. */
    ArchiveTensor add(ElementType element, List<Long> shape, ArchiveTensor.Part... parts) {
        ArchiveTensor tensor = new ArchiveTensor(tensors.size(), element, shape, List.of(parts));
        tensors.add(tensor);
        return tensor;
    }

    /** Checks that the weights, one below the other, have that shape. */
    void checkRows(List<Long> shape, ArchiveTensor.Part... parts) {
        List<ArchiveTensor.Weight> checked =
                Arrays.stream(parts).flatMap(part -> weights(part).stream()).toList();
        long rows =
                checked.stream().mapToLong(weight -> rows(weight.name(), shape)).sum();
        if (rows != shape.getFirst()) {
            throw new ModelException("the weights " + checked + " of " + checkpoint.path() + " have " + rows
                    + " rows in all, not " + shape.getFirst() + " as the hyperparameters say");
        }
    }

    private long rows(String name, List<Long> shape) {
        @Nullable String problem = null;
        long[] found = checkpoint.shape(name);
        if (found.length != shape.size()) {
            problem = "dimensions";
        } else if (found.length == 2 && found[1] != shape.get(1)) {
            problem = "columns";
        }
        if (problem != null) {
            throw new ModelException("weight " + name + " of " + checkpoint.path() + " has shape "
                    + Arrays.toString(found) + ", of other " + problem + " than " + shape
                    + " that the hyperparameters say");
        }
        return found[0];
    }

    /** Row-major. */
    static List<Long> shape(long... shape) {
        return Arrays.stream(shape).boxed().toList();
    }
}
