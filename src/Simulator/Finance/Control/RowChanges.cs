using System.Globalization;

namespace ZohoPlatform.Simulator.Finance.Control;

/// <summary>Changes that nobody's call makes: some rows at random, all in one second.</summary>
internal static class RowChanges
{
    public static List<FinanceRow> Edit(FinanceTable table, int count, Random random, DateTimeOffset now)
    {
        var picked = table.Pick(count, random);
        foreach (var row in picked)
        {
            var changed = row.Copy();
            var field = table.Entity.FindField("reference_number") is not null ? "reference_number"
                : table.Entity.FindField("description") is not null ? "description" : "notes";
            changed[field] = string.Create(CultureInfo.InvariantCulture, $"Edited {random.Next(1_000_000)}");
            changed.Modified = now;
            table.Put(changed);
        }

        return picked;
    }

    public static List<FinanceRow> Delete(FinanceTable table, int count, Random random)
    {
        var picked = table.Pick(count, random);
        picked.ForEach(table.Delete);
        return picked;
    }

    /// <summary>What a control has asked for at each list call, while it lasts.</summary>
    public static void BetweenPages(FinanceOrganisation organisation, FinanceEntity entity, DateTimeOffset now)
    {
        if (organisation.Edits.TryGetValue(entity.Name, out var asked) && asked.CallsLeft > 0)
        {
            var table = organisation.Table(entity);
            Edit(table, asked.Edited, asked.Random, now);
            Delete(table, asked.Deleted, asked.Random);
            organisation.Edits[entity.Name] = asked with { CallsLeft = asked.CallsLeft - 1 };
        }
    }
}
