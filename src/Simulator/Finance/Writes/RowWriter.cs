using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ZohoPlatform.Simulator.Finance.Writes;

/// <summary>
/// Takes what a caller sent into a row: fields that are known and may be written, custom fields, lines. Others are dropped without a word.
/// Works on a copy, so that a refusal changes nothing.
/// </summary>
internal sealed class RowWriter(FinanceCall call, FinanceRow row, bool isNew)
{
    private static readonly string[] AddressParts =
        ["attention", "address", "street2", "city", "state", "state_code", "zip", "country", "phone", "fax"];

    private readonly FinanceEntity _entity = row.Entity;

    public FinanceRow Write(JsonObject body)
    {
        CheckRequired(body);
        foreach (var field in _entity.Fields.Where(field => field.IsWritable && field.Name != "invoices" && body.ContainsKey(field.Name)))
        {
            row[field.Name] = Read(field, body[field.Name]);
        }

        WriteTitle(body);
        WriteParties();
        if (body.TryGetPropertyValue("custom_fields", out var custom))
        {
            WriteCustom(custom as JsonArray);
        }

        if (_entity.HasLines && body.TryGetPropertyValue("line_items", out var lines))
        {
            WriteLines(lines as JsonArray ?? throw new FinanceRefusal(FinanceError.TooLong("line_items", 100)));
        }

        row["status"] = isNew && row.Text("status").Length == 0 ? _entity.StateNames[0] : row["status"];
        if (isNew && _entity.FindField("date") is not null && row.Text("date").Length == 0)
        {
            row["date"] = call.Organisation.Write(call.Now)[..10];
        }

        Settle();
        row.Modified = call.Now;
        return row;
    }

    /// <summary>Custom fields by id, API name or label; one that nobody knows is dropped.</summary>
    public void WriteCustom(JsonArray? values)
    {
        foreach (var given in (values ?? []).OfType<JsonObject>())
        {
            var id = Word(given["customfield_id"]) ?? Word(given["custom_field_id"]);
            var field = call.Organisation.CustomFieldsOf(_entity).FirstOrDefault(one =>
                id is not null ? FinanceOrganisation.Text(one.Id) == id
                : Word(given["api_name"]) is { } name ? one.ApiName == name
                : one.Label == Word(given["label"]));
            if (field is null)
            {
                continue;
            }

            var value = Word(given["value"]) ?? "";
            if (value.Length > 0 && ((field.DataType is "date" && !FinanceTime.IsDate(value))
                || (field.IsUnique && call.Table.Kept.Any(other => other.Id != row.Id && other.Custom.GetValueOrDefault(field.ApiName) == value))))
            {
                throw new FinanceRefusal(FinanceError.Invalid(field.Label));
            }

            if (value.Length > 0)
            {
                row.Custom[field.ApiName] = value;
            }
            else
            {
                row.Custom.Remove(field.ApiName);
            }
        }
    }

    private void CheckRequired(JsonObject body)
    {
        foreach (var name in _entity.RequiredBy(call.Product.Product))
        {
            var isThere = body.TryGetPropertyValue(name, out var value);
            var isEmpty = value is null or JsonArray { Count: 0 } || (value is JsonValue text && text.ToString().Length == 0);
            if (isNew ? isEmpty : isThere && isEmpty)
            {
                throw new FinanceRefusal(FinanceError.Missing(name));
            }
        }
    }

    private object Read(FinanceField field, JsonNode? value)
    {
        var word = Word(value) ?? "";
        if (_entity.ChoicesOf(field.Name) is { } choices && word.Length > 0 && !choices.Contains(word, StringComparer.Ordinal))
        {
            throw new FinanceRefusal(FinanceError.NotAllowed(field.Name));
        }

        return field.Kind switch
        {
            FieldKind.Text when value is null or JsonValue => word.Length <= field.Longest
                ? (object)word
                : throw new FinanceRefusal(FinanceError.TooLong(field.Name, field.Longest)),
            FieldKind.Id when word.All(char.IsAsciiDigit) => word,
            FieldKind.Date when word.Length == 0 || FinanceTime.IsDate(word) => word,
            FieldKind.Number when word.Length == 0 => "",
            FieldKind.Number when decimal.TryParse(word, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => number,
            FieldKind.Flag when bool.TryParse(word, out var flag) => flag,
            FieldKind.List when value is JsonArray list => list.DeepClone(),
            FieldKind.Object when value is JsonObject address => new JsonObject(
                AddressParts.Select(part => KeyValuePair.Create(part, (JsonNode?)JsonValue.Create(Word(address[part]) ?? "")))),
            _ => throw new FinanceRefusal(FinanceError.Invalid(field.Name)),
        };
    }

    private void WriteTitle(JsonObject body)
    {
        var title = _entity.Title;
        var before = isNew ? "" : call.Table.Find(row.Id)!.Text(title);
        var given = row.Text(title);
        if (_entity.IsAutoNumbered)
        {
            var own = call["ignore_auto_number_generation"] is "true";
            if (own && given.Length == 0)
            {
                throw new FinanceRefusal(FinanceError.Missing(title));
            }

            if (!own && body.ContainsKey(title) && given != before)
            {
                throw new FinanceRefusal(FinanceError.Invalid(title));
            }
        }

        if (given.Length == 0 && _entity.Prefix is { } prefix)
        {
            do
            {
                given = prefix + call.Organisation.TakeNumbers(_entity, 1).ToString("0000000", CultureInfo.InvariantCulture);
            }
            while (IsTaken(title, given));
            row[title] = given;
        }
        else if (given.Length == 0 && _entity.TakenCode != 0)
        {
            throw new FinanceRefusal(FinanceError.Missing(title));
        }

        if (_entity.TakenCode != 0 && given != before && IsTaken(title, given))
        {
            throw new FinanceRefusal(new(_entity.TakenCode, _entity.TakenCode switch
            {
                3062 => $"The contact \"{given}\" already exists. Please specify a different name.",
                13011 => "A bill with this number has already been created for this vendor. Please check and try again.",
                _ => $"{_entity.Noun} {given} already exists.",
            }));
        }

        if (row.Text("sku") is { Length: > 0 } sku && body.ContainsKey("sku") && IsTaken("sku", sku))
        {
            throw new FinanceRefusal(new(1001, $"Item with the sku {sku} already exists."));
        }
    }

    private bool IsTaken(string field, string value)
    {
        value = value.Trim();
        // a bill's number is the vendor's: two vendors may have the same
        return call.Table.HasOther(row.Id, value, other => string.Equals(other.Text(field).Trim(), value, StringComparison.OrdinalIgnoreCase)
            && (_entity.Name is not "bills" || other.Text("vendor_id") == row.Text("vendor_id")));
    }

    private void WriteParties()
    {
        foreach (var party in new[] { "customer", "vendor" })
        {
            if (_entity.FindField($"{party}_id") is { IsWritable: true } && row.Text($"{party}_id") is { Length: > 0 } id)
            {
                var contact = Find(FinanceEntities.Contacts, id) ?? throw new FinanceRefusal(FinanceError.Invalid($"{party}_id"));
                row[$"{party}_name"] = contact.Text("contact_name");
                if (_entity.Name is "invoices")
                {
                    (row["email"], row["company_name"]) = (contact.Text("email"), contact.Text("company_name"));
                    (row["billing_address"], row["shipping_address"]) = (contact["billing_address"], contact["shipping_address"]);
                }
            }
        }
    }

    /// <summary>Lines that name their id are changed, others are new, and those that are not named are gone.</summary>
    private void WriteLines(JsonArray given)
    {
        var before = row.Lines.ToDictionary(line => line[FinanceLine.Id]!.ToString(), StringComparer.Ordinal);
        var lines = new List<JsonObject>();
        foreach (var one in given.OfType<JsonObject>())
        {
            var known = Word(one[FinanceLine.Id]) is { Length: > 0 } id
                ? before.GetValueOrDefault(id) ?? throw new FinanceRefusal(FinanceError.Invalid(FinanceLine.Id))
                : null;
            lines.Add(LineOf(one, known, lines.Count + 1));
        }

        row.Lines = lines;
    }

    private JsonObject LineOf(JsonObject given, JsonObject? known, int order)
    {
        var item = Word(given["item_id"]) is { Length: > 0 } id
            ? Find(FinanceEntities.Items, id) ?? throw new FinanceRefusal(FinanceError.Invalid("item_id"))
            : null;
        if (_entity.Name is "packages" && Word(given["so_line_item_id"]) is not { Length: > 0 })
        {
            throw new FinanceRefusal(FinanceError.Missing("so_line_item_id"));
        }

        if (known is null && item is null && Word(given["name"]) is not { Length: > 0 } && Word(given["account_id"]) is not { Length: > 0 }
            && _entity.Name is not "packages")
        {
            throw new FinanceRefusal(FinanceError.Missing("item_id"));
        }

        var quantity = Amount("quantity") ?? (known is null ? 1 : FinanceLine.Number(known, "quantity"));
        if (quantity < 0)
        {
            throw new FinanceRefusal(FinanceError.NotAllowed("quantity"));
        }

        // without a rate it is the item's
        var rate = Amount("rate") ?? (known is not null ? FinanceLine.Number(known, "rate") : item?.Number("rate") ?? 0);
        var line = FinanceLine.New(
            known is null ? call.Organisation.NextId() : long.Parse(known[FinanceLine.Id]!.ToString(), CultureInfo.InvariantCulture), order,
            item?.Id ?? (known?["item_id"]?.ToString() is { Length: > 0 } before ? long.Parse(before, CultureInfo.InvariantCulture) : null),
            Word(given["name"]) ?? item?.Text("name") ?? known?["name"]?.ToString() ?? "",
            Word(given["description"]) ?? known?["description"]?.ToString() ?? item?.Text("description") ?? "", rate, quantity);
        line["account_id"] = Word(given["account_id"]) ?? known?["account_id"]?.ToString() ?? "";
        if (_entity.Name is "packages")
        {
            line["so_line_item_id"] = Word(given["so_line_item_id"]);
        }

        return line;

        decimal? Amount(string name) => Word(given[name]) switch
        {
            null or "" => null,
            var text when decimal.TryParse(text, NumberStyles.Number, CultureInfo.InvariantCulture, out var number) => number,
            _ => throw new FinanceRefusal(FinanceError.Invalid(name)),
        };
    }

    /// <summary>Works out what callers do not write: totals, balance, names, people.</summary>
    private void Settle()
    {
        switch (_entity.Name)
        {
            case "contacts":
                var name = row.Text("contact_name");
                (row["customer_name"], row["vendor_name"]) = (name, name);
                row["contact_type"] = row.Text("contact_type") is { Length: > 0 } type ? type : "customer";
                SettlePeople();
                break;
            case "items":
                row["item_name"] = row.Text("name");
                var kind = row.Text("item_type") is { Length: > 0 } given ? given : "sales";
                row["item_type"] = kind;
                (row["can_be_sold"], row["can_be_purchased"]) = (kind is not "purchases", kind is not "sales");
                row["track_inventory"] = kind is "inventory";
                break;
            case "customerpayments":
                row["bcy_amount"] = row.Number("amount");
                row["payment_status"] = "paid";
                break;
            case "expenses":
                foreach (var total in new[] { "total", "bcy_total", "total_without_tax" })
                {
                    row[total] = row.Number("amount");
                }

                row["status"] = row["is_billable"] is true ? "unbilled" : "nonbillable";
                row["line_items"] = new JsonArray(new JsonObject
                {
                    [FinanceLine.Id] = FinanceOrganisation.Text(row.Id),
                    ["account_id"] = row.Text("account_id"),
                    ["amount"] = row.Number("amount"),
                    ["tax_id"] = row.Text("tax_id"),
                    ["item_total"] = row.Number("amount"),
                });
                break;
            default:
                SettleTotals(row);
                break;
        }
    }

    private static void SettleTotals(FinanceRow row)
    {
        var paid = row.Number("total") - row.Number("balance");
        var sum = row.Lines.Sum(line => FinanceLine.Number(line, "item_total"));
        var total = sum + row.Number("shipping_charge") + row.Number("adjustment");
        (row["sub_total"], row["total"], row["bcy_total"]) = (sum, total, total);
        row["balance"] = total - paid;
        var quantity = row.Lines.Sum(line => FinanceLine.Number(line, "quantity"));
        (row["quantity"], row["total_quantity"]) = (quantity, quantity.ToString(CultureInfo.InvariantCulture));
        (row["order_status"], row["current_sub_status"]) = (row["status"], row["status"]);
    }

    private void SettlePeople()
    {
        var people = (row["contact_persons"] as JsonArray)?.OfType<JsonObject>().ToList() ?? [];
        foreach (var person in people)
        {
            person["contact_person_id"] ??= FinanceOrganisation.Text(call.Organisation.NextId());
        }

        if ((people.Find(person => Word(person["is_primary_contact"]) is "true") ?? people.FirstOrDefault()) is { } first)
        {
            foreach (var part in new[] { "first_name", "last_name", "email", "phone", "mobile" })
            {
                row[part] = Word(first[part]) ?? "";
            }
        }
    }

    private FinanceRow? Find(FinanceEntity entity, string id) =>
        long.TryParse(id, CultureInfo.InvariantCulture, out var number) ? call.Organisation.Table(entity).Find(number) : null;

    private static string? Word(JsonNode? value) => value is JsonValue one
        ? one.GetValueKind() switch
        {
            JsonValueKind.True => "true",
            JsonValueKind.False => "false",
            _ => one.ToString(),
        }
        : null;
}
