using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance.Writes;

/// <summary>Create, update, upsert, delete, custom fields and changes of state, for every entity alike.</summary>
internal static class WriteOperations
{
    public static FinanceAnswer Create(FinanceCall call)
    {
        var row = Write(call, new(call.Entity, call.Organisation.NextId(), call.Now), isNew: true);
        if (call.Entity.Name is "customerpayments")
        {
            Payments.Apply(call, row);
        }

        call.Table.Put(row);
        return call.Show($"The {call.Entity.Noun.ToLowerInvariant()} has been created.", row, StatusCodes.Status201Created) with
        {
            Location = $"{call.Product.OldPath}{call.Entity.Name}/{FinanceOrganisation.Text(row.Id)}",
        };
    }

    public static FinanceAnswer Update(FinanceCall call)
    {
        var row = Write(call, call.Row.Copy(), isNew: false);
        call.Table.Put(row);
        return call.Show($"{call.Entity.Noun} information has been updated.", row);
    }

    /// <summary>Updates the one row whose unique custom field has the value, or creates it where <c>X-Upsert</c> says so.</summary>
    public static FinanceAnswer Upsert(FinanceCall call)
    {
        var (key, value) = (call.Headers["X-Unique-Identifier-Key"].ToString(), call.Headers["X-Unique-Identifier-Value"].ToString());
        var field = call.Organisation.CustomFieldsOf(call.Entity).FirstOrDefault(one => one.ApiName == key && one.IsUnique);
        if (field is null || value.Length == 0)
        {
            return FinanceAnswer.Refused(FinanceError.Invalid(field is null ? "X-Unique-Identifier-Key" : "X-Unique-Identifier-Value"));
        }

        if (call.Table.Kept.FirstOrDefault(row => row.Custom.GetValueOrDefault(field.ApiName) == value) is { } found)
        {
            var row = Write(call, found.Copy(), isNew: false);
            call.Table.Put(row);
            return call.Show($"{call.Entity.Noun} information has been updated.", row);
        }

        return call.Headers["X-Upsert"].ToString() is "true"
            ? Create(call)
            : FinanceAnswer.Refused(FinanceError.Gone(call.Entity, call.Settings));
    }

    public static FinanceAnswer Delete(FinanceCall call)
    {
        var row = call.Row;
        if (Holder(call, row) is { } error)
        {
            return FinanceAnswer.Refused(error);
        }

        if (call.Entity.Name is "customerpayments")
        {
            Payments.TakeBack(call, row);
        }

        call.Table.Delete(row);
        return FinanceAnswer.Success($"The {call.Entity.Noun.ToLowerInvariant()} has been deleted.");
    }

    /// <summary>Only custom fields, as an array at the root.</summary>
    public static FinanceAnswer SetCustomFields(FinanceCall call)
    {
        var row = call.Row.Copy();
        new RowWriter(call, row, isNew: false).WriteCustom(
            call.Body as JsonArray ?? throw new FinanceRefusal(FinanceError.Invalid("custom_fields")));
        row.Modified = call.Now;
        call.Table.Put(row);
        return FinanceAnswer.Success("Custom Fields Updated Successfully");
    }

    /// <summary>Tells no row. What was paid for a voided invoice stays with the customer; its balance stays the total.</summary>
    public static FinanceAnswer ChangeState(FinanceCall call)
    {
        var state = call.Entity.StateAfter(call.Operation.Action!, call.Product.Product)!;
        var row = call.Row.Copy();
        row["status"] = state;
        if (state is "void" && call.Entity.Name is "invoices")
        {
            Payments.Detach(call, row);
        }

        (row["order_status"], row["current_sub_status"]) = (state, state);
        row.Modified = call.Now;
        call.Table.Put(row);
        return FinanceAnswer.Success(call.Entity.Title is "name" or "contact_name"
            ? $"The {call.Entity.Noun.ToLowerInvariant()} has been marked as {state}."
            : $"{call.Entity.Noun} status has been changed to {state[..1].ToUpperInvariant()}{state[1..]}.");
    }

    private static FinanceRow Write(FinanceCall call, FinanceRow row, bool isNew)
    {
        if (isNew && call.Entity.Parent is { } parent)
        {
            TakeParent(call, row, parent);
        }

        return new RowWriter(call, row, isNew).Write(call.Fields);
    }

    /// <summary>What a row is made from is named in the query; in the body it is dropped.</summary>
    private static void TakeParent(FinanceCall call, FinanceRow row, string parent)
    {
        if (call[parent] is not { } id)
        {
            if (call.Entity.NeedsParent)
            {
                throw new FinanceRefusal(FinanceError.Missing(parent));
            }

            return;
        }

        var entity = FinanceEntities.All.First(one => one.IdField == parent);
        var found = long.TryParse(id, CultureInfo.InvariantCulture, out var number) ? call.Organisation.Table(entity).Find(number) : null;
        if (found is null)
        {
            throw new FinanceRefusal(FinanceError.Gone(entity, call.Settings));
        }

        row[parent] = id;
        row[entity.Title] = found.Text(entity.Title);
        (row["customer_id"], row["customer_name"]) = (found.Text("customer_id"), found.Text("customer_name"));
    }

    /// <summary>What keeps a row from being deleted.</summary>
    private static FinanceError? Holder(FinanceCall call, FinanceRow row)
    {
        var id = FinanceOrganisation.Text(row.Id);
        var others = call.Organisation.Tables.Where(table => table.Entity != call.Entity);
        return call.Entity.Name switch
        {
            "contacts" when others.Any(table => table.PointsTo(row.Id, other => other.Text("customer_id") == id || other.Text("vendor_id") == id)) =>
                new(3000, "Contacts with transactions cannot be deleted."),
            "items" when others.Any(table => table.Entity.HasLines
                && table.PointsTo(row.Id, other => other.Lines.Any(line => line["item_id"]?.ToString() == id))) =>
                new(2049, "Items which are part of transactions cannot be deleted. Mark it as inactive instead."),
            "invoices" when row.Number("payment_made") > 0 => new(4001, "Invoices with payments cannot be deleted."),
            _ => null,
        };
    }
}
