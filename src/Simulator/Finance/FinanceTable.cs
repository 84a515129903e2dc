using System.Collections;
using ZohoPlatform.Simulator.Finance.Control;

namespace ZohoPlatform.Simulator.Finance;

/// <summary>
/// The rows of one entity: those that were written, and generated ones, of which only what has changed since is kept. What a list shows in
/// which order is worked out once, as ids, until a row changes.
/// </summary>
internal sealed class FinanceTable(FinanceEntity entity)
{
    private const int MostViews = 2;

    private readonly Dictionary<long, FinanceRow> _kept = [];
    private readonly List<long> _written = [];
    private readonly LinkedList<(string Key, long[] Ids)> _views = new();
    private BitArray? _replaced;
    private int _gone;

    public FinanceEntity Entity { get; } = entity;

    public GeneratedRows? Generated { get; private set; }

    public int Count => _kept.Count + (Generated?.Count ?? 0) - _gone;

    /// <summary>Rows that somebody wrote or changed.</summary>
    public IEnumerable<FinanceRow> Kept => _kept.Values;

    public void Add(GeneratedRows block)
    {
        (Generated, _replaced) = (block, new(block.Count));
        _views.Clear();
    }

    public FinanceRow? Find(long id) => _kept.TryGetValue(id, out var row) ? row
        : Generated is { } block && block.Has(id) && !_replaced![(int)(id - block.FirstId)] ? new(block, id - block.FirstId)
        : null;

    /// <summary>Puts a new row in, or a changed one in place of what it was.</summary>
    public void Put(FinanceRow row)
    {
        if (!Replace(row.Id) && !_kept.ContainsKey(row.Id))
        {
            _written.Add(row.Id);
        }

        _kept[row.Id] = row;
        _views.Clear();
    }

    public void Delete(FinanceRow row)
    {
        Replace(row.Id);
        _kept.Remove(row.Id);
        _views.Clear();
    }

    /// <summary>
    /// Whether another row is so. Of the generated ones that one is asked whose title or code ends in the digits of <paramref name="value"/>.
    /// </summary>
    public bool HasOther(long id, string value, Func<FinanceRow, bool> isSo) =>
        _kept.Values.Any(row => row.Id != id && isSo(row))
        || (Generated?.Numbered(value) is { } generated && generated != id && !_kept.ContainsKey(generated) && Find(generated) is { } found
            && isSo(found));

    /// <summary>Whether rows point to that contact or item. Generated ones are taken to use all that they draw from.</summary>
    public bool PointsTo(long id, Func<FinanceRow, bool> isSo) => (Generated?.PointsTo(id) ?? false) || _kept.Values.Any(isSo);

    /// <summary>So many different rows by the seed; fewer when there are not as many.</summary>
    public List<FinanceRow> Pick(int count, Random random)
    {
        var picked = new Dictionary<long, FinanceRow>();
        var all = _written.Count + (Generated?.Count ?? 0);
        if (count * 2L < Count)
        {
            while (picked.Count < count)
            {
                var place = random.Next(all);
                var id = place < _written.Count ? _written[place] : Generated!.FirstId + place - _written.Count;
                if (Find(id) is { } row)
                {
                    picked[id] = row;
                }
            }

            return [.. picked.Values];
        }

        var ids = Sorted(null, null, "id");
        random.Shuffle(ids);
        return [.. ids.Take(count).Select(id => Find(id)!)];
    }

    /// <summary>The ids of the rows that a list shows, in its order. What the filter does is told by <paramref name="key"/> as well.</summary>
    public long[] View(string key, DateTimeOffset? since, Func<FinanceRow, bool>? filter, string column, bool descending)
    {
        key = $"{key}|{since?.UtcTicks}|{column}|{descending}";
        for (var node = _views.First; node is not null; node = node.Next)
        {
            if (node.Value.Key == key)
            {
                return node.Value.Ids;
            }
        }

        var ids = Sorted(since, filter, column);
        if (descending)
        {
            Array.Reverse(ids);
        }

        _views.AddFirst((key, ids));
        if (_views.Count > MostViews)
        {
            _views.RemoveLast();
        }

        return ids;
    }

    /// <summary>The first so many ids behind one, in their order.</summary>
    public IEnumerable<long> IdsAfter(long id, int limit) => View("", null, null, "id", descending: false).SkipWhile(one => one <= id).Take(limit);

    private long[] Sorted(DateTimeOffset? since, Func<FinanceRow, bool>? filter, string column)
    {
        var kept = _kept.Values.Where(row => !(row.Modified < since) && (filter is null || filter(row))).ToArray();
        var made = Made(since, filter);
        if (Generated is null || !Generated.RisesBy(column))
        {
            long[] all = [.. made, .. kept.Select(row => row.Id)];
            if (column is "id")
            {
                Array.Sort(all);
            }
            else
            {
                Array.Sort(Array.ConvertAll(all, id => Find(id)!.KeyOf(column)), all, SortKey.Order);
            }

            return all;
        }

        // generated rows stand in order; only the others are sorted, and each looks up its place
        var keys = Array.ConvertAll(kept, row => row.KeyOf(column));
        Array.Sort(keys, kept, SortKey.Order);
        var merged = new long[made.Length + kept.Length];
        var (from, to) = (0, 0);
        for (var i = 0; i < kept.Length; i++)
        {
            var place = PlaceOf(made, from, keys[i], column);
            Array.Copy(made, from, merged, to, place - from);
            (from, to) = (place, to + place - from);
            merged[to++] = kept[i].Id;
        }

        Array.Copy(made, from, merged, to, made.Length - from);
        return merged;
    }

    private long[] Made(DateTimeOffset? since, Func<FinanceRow, bool>? filter)
    {
        if (Generated is not { } block)
        {
            return [];
        }

        var first = since is { } at ? block.FirstSince(at) : 0;
        var ids = new long[block.Count - first];
        var found = 0;
        for (var i = first; i < block.Count; i++)
        {
            if (!_replaced![i] && (filter is null || filter(new(block, i))))
            {
                ids[found++] = block.FirstId + i;
            }
        }

        return found == ids.Length ? ids : ids[..found];
    }

    private int PlaceOf(long[] made, int from, SortKey key, string column)
    {
        var (low, high) = (from, made.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = SortKey.Order.Compare(Find(made[middle])!.KeyOf(column), key) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    /// <summary>From now on the generated row with that id is not looked at. False where there is none.</summary>
    private bool Replace(long id)
    {
        if (Generated is not { } block || !block.Has(id))
        {
            return false;
        }

        if (!_replaced![(int)(id - block.FirstId)])
        {
            _replaced[(int)(id - block.FirstId)] = true;
            _gone++;
        }

        return true;
    }
}
