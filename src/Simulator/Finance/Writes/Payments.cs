using System.Globalization;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance.Writes;

/// <summary>What payments do to the invoices they are for.</summary>
internal static class Payments
{
    /// <summary>Applies a new payment to the invoices that its body names.</summary>
    public static void Apply(FinanceCall call, FinanceRow payment)
    {
        var applied = new JsonArray();
        var changed = new List<FinanceRow>();
        foreach (var given in (call.Fields["invoices"] as JsonArray ?? []).OfType<JsonObject>())
        {
            var invoice = Find(call, given["invoice_id"]?.ToString())?.Copy();
            if (invoice is null || changed.Exists(other => other.Id == invoice.Id))
            {
                throw new FinanceRefusal(FinanceError.Invalid("invoice_id"));
            }

            if (!decimal.TryParse(given["amount_applied"]?.ToString(), NumberStyles.Number, CultureInfo.InvariantCulture, out var amount)
                || amount <= 0 || amount > invoice.Number("balance"))
            {
                throw new FinanceRefusal(FinanceError.Invalid("amount_applied"));
            }

            Pay(invoice, amount, call.Now);
            changed.Add(invoice);
            applied.Add(new JsonObject
            {
                ["invoice_id"] = FinanceOrganisation.Text(invoice.Id),
                ["invoice_number"] = invoice.Text("invoice_number"),
                ["invoice_payment_id"] = FinanceOrganisation.Text(call.Organisation.NextId()),
                ["amount_applied"] = amount,
                ["total"] = invoice.Number("total"),
                ["balance"] = invoice.Number("balance"),
                ["date"] = invoice.Text("date"),
                ["due_date"] = invoice.Text("due_date"),
            });
        }

        Show(payment, applied);
        if (payment.Number("unused_amount") < 0)
        {
            throw new FinanceRefusal(FinanceError.Invalid("amount"));
        }

        changed.ForEach(call.Organisation.Table(FinanceEntities.Invoices).Put);
    }

    /// <summary>A payment goes: its invoices are owed again.</summary>
    public static void TakeBack(FinanceCall call, FinanceRow payment)
    {
        foreach (var applied in (payment["invoices"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (Find(call, applied["invoice_id"]?.ToString())?.Copy() is { } invoice)
            {
                Pay(invoice, -FinanceLine.Number(applied, "amount_applied"), call.Now);
                call.Organisation.Table(FinanceEntities.Invoices).Put(invoice);
            }
        }
    }

    /// <summary>An invoice is void: its payments are the customer's credit.</summary>
    public static void Detach(FinanceCall call, FinanceRow invoice)
    {
        var table = call.Organisation.Table(FinanceEntities.CustomerPayments);
        var id = FinanceOrganisation.Text(invoice.Id);
        foreach (var payment in table.Kept.ToList())
        {
            var left = (payment["invoices"] as JsonArray ?? []).OfType<JsonObject>().ToList();
            if (left.RemoveAll(applied => applied["invoice_id"]?.ToString() == id) > 0)
            {
                var changed = payment.Copy();
                Show(changed, new JsonArray([.. left.Select(applied => applied.DeepClone())]));
                changed.Modified = call.Now;
                table.Put(changed);
            }
        }

        (invoice["payment_made"], invoice["balance"]) = (0m, invoice.Number("total"));
    }

    private static void Pay(FinanceRow invoice, decimal amount, DateTimeOffset now)
    {
        invoice["payment_made"] = invoice.Number("payment_made") + amount;
        invoice["balance"] = invoice.Number("balance") - amount;
        invoice["status"] = invoice.Number("balance") == 0 ? "paid" : invoice.Number("payment_made") > 0 ? "partially_paid" : "sent";
        invoice["current_sub_status"] = invoice["status"];
        invoice.Modified = now;
    }

    private static void Show(FinanceRow payment, JsonArray applied)
    {
        payment["unused_amount"] = payment.Number("amount")
            - applied.OfType<JsonObject>().Sum(one => FinanceLine.Number(one, "amount_applied"));
        payment["invoices"] = applied;
        // nothing is an empty text in lists, and not an empty list
        payment["applied_invoices"] = applied.Count > 0 ? applied.DeepClone() : null;
        payment["invoice_numbers"] = string.Join(", ", applied.OfType<JsonObject>().Select(one => one["invoice_number"]!.ToString()));
    }

    private static FinanceRow? Find(FinanceCall call, string? id) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number) ? call.Organisation.Table(FinanceEntities.Invoices).Find(number) : null;
}
