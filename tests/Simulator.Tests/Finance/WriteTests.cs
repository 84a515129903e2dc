using System.Text.Json;

namespace ZohoPlatform.Simulator.Tests.Finance;

public sealed class WriteTests(FinanceWorld world) : IClassFixture<FinanceWorld>
{
    private const string OwnNumber = "ignore_auto_number_generation=true";

    [Theory]
    [InlineData("books/v3", "contacts", "contact", "/api/v3/")]
    [InlineData("inventory/v1", "items", "item", "/api/v1/")]
    [InlineData("books/v3", "invoices", "invoice", "/api/v3/")]
    [InlineData("invoice/v3", "estimates", "estimate", "/api/v3/")]
    [InlineData("books/v3", "creditnotes", "creditnote", "/api/v3/")]
    [InlineData("books/v3", "customerpayments", "payment", "/api/v3/")]
    [InlineData("books/v3", "expenses", "expense", "/api/v3/")]
    [InlineData("inventory/v1", "bills", "bill", "/api/v1/")]
    [InlineData("books/v3", "purchaseorders", "purchaseorder", "/api/v3/")]
    [InlineData("inventory/v1", "salesorders", "salesorder", "/api/v1/")]
    public async Task A_row_is_created_changed_in_part_and_deleted(string product, string entity, string key, string location)
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        var created = await finance.PostAsync($"{product}/{entity}", await BodyAsync(finance, entity));

        Assert.Equal((201, 0), created.Both);
        var id = created[key].EnumerateObject().First().Value.GetString()!;
        Assert.Equal($"{location}{entity}/{id}", created.Header("Location"));

        await finance.Zoho.AdvanceAsync(TimeSpan.FromSeconds(90));
        var field = entity is "expenses" or "customerpayments" or "items" ? "description" : "notes";
        var updated = await finance.PutAsync($"{product}/{entity}/{id}", new Dictionary<string, object> { [field] = "Later", ["nobody_knows"] = 1 });
        Assert.Equal((200, 0), updated.Both);
        Assert.Equal("Later", updated.Text(key, field));
        Assert.False(updated[key].TryGetProperty("nobody_knows", out _));
        var (before, after) = (created[key], (await finance.GetAsync($"{product}/{entity}/{id}"))[key]);
        // nothing else has changed but the time
        Assert.Equal(
            [field, "last_modified_time"],
            before.EnumerateObject().Where(one => one.Name != "updated_time" && one.Value.ToString() != after.GetProperty(one.Name).ToString()).Select(one => one.Name));
        Assert.Equal(90, (TimeOf(after, "last_modified_time") - TimeOf(after, "created_time")).TotalSeconds);

        var gone = await finance.DeleteAsync($"{product}/{entity}/{id}");
        Assert.Equal((200, 2), (gone.Status, gone.Body.EnumerateObject().Count()));
        var code = entity is "items" ? 2006 : 1002;
        Assert.Equal((404, code), (await finance.GetAsync($"{product}/{entity}/{id}")).Both);
        Assert.Equal((404, code), (await finance.PutAsync($"{product}/{entity}/{id}", new { notes = "x" })).Both);
        await finance.Zoho.SetAsync(new { finance = new { gone_status = 400 } });
        Assert.Equal((400, code), (await finance.DeleteAsync($"{product}/{entity}/{id}")).Both);
    }

    [Theory]
    [InlineData("books/v3/contacts", "{}", 4)]
    [InlineData("books/v3/contacts", """{"contact_name":""}""", 4)]
    [InlineData("books/v3/contacts", """{"contact_name":"A","contact_type":"friend"}""", 11)]
    [InlineData("books/v3/contacts", """{"contact_name":{"first":"A"}}""", 2)]
    [InlineData("books/v3/items", """{"name":"A"}""", 4)]
    [InlineData("inventory/v1/items", """{"name":"A","rate":"much"}""", 2)]
    [InlineData("books/v3/salesorders", """{"customer_id":"1"}""", 2)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}"}""", 4)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","line_items":[]}""", 4)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","line_items":"[{}]"}""", 15)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","line_items":[{"quantity":1}]}""", 4)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","line_items":[{"item_id":"1"}]}""", 2)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","line_items":[{"name":"A","quantity":-1}]}""", 11)]
    [InlineData("books/v3/invoices", """{"customer_id":"{customer}","date":"17/09/2026","line_items":[{"name":"A"}]}""", 2)]
    [InlineData("inventory/v1/salesorders", """{"customer_id":"{customer}"}""", 4)]
    [InlineData("inventory/v1/bills", """{"vendor_id":"{customer}","bill_number":"1"}""", 4)]
    [InlineData("books/v3/customerpayments", """{"customer_id":"{customer}","amount":1}""", 4)]
    [InlineData("books/v3/contacts", "not JSON", 4)]
    public async Task What_is_wrong_has_its_code_and_changes_nothing(string path, string body, int code)
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync("Before");
        using var content = new StringContent(body.Replace("{customer}", customer, StringComparison.Ordinal), System.Text.Encoding.UTF8, "application/json");

        var reply = await finance.SendAsync(HttpMethod.Post, path, content);

        Assert.Equal((400, code), reply.Both);
        Assert.Equal(["code", "message"], reply.Body.EnumerateObject().Select(one => one.Name));
        Assert.Equal(path.EndsWith("contacts", StringComparison.Ordinal) ? 1 : 0, (await finance.GetAsync(path)).Rows(path.Split('/')[^1]).Count);
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_15()
    {
        var finance = await world.FreshAsync();

        Assert.Equal(201, (await finance.PostAsync("books/v3/contacts", new { contact_name = new string('x', 200) })).Status);
        Assert.Equal((400, 15), (await finance.PostAsync("books/v3/contacts", new { contact_name = new string('x', 201) })).Both);
    }

    [Fact]
    public async Task A_body_may_come_as_a_form()
    {
        var finance = await world.FreshAsync();
        using var form = new FormUrlEncodedContent([KeyValuePair.Create("JSONString", """{"contact_name":"By form"}""")]);

        Assert.Equal("By form", (await finance.SendAsync(HttpMethod.Post, "books/v3/contacts", form)).Text("contact", "contact_name"));
    }

    [Fact]
    public async Task Names_and_numbers_that_are_taken_have_codes_of_their_own()
    {
        var finance = await world.FreshAsync();
        var (first, second) = (await finance.AddCustomerAsync("First"), await finance.AddCustomerAsync("Second"));
        Assert.Equal((400, 3062), (await finance.PostAsync("inventory/v1/contacts", new { contact_name = "first " })).Both);
        Assert.Equal((400, 3062), (await finance.PutAsync($"books/v3/contacts/{second}", new { contact_name = "First" })).Both);
        Assert.Equal(200, (await finance.PutAsync($"books/v3/contacts/{first}", new { contact_name = "First" })).Status);

        await finance.AddAsync("books/v3/items", new { name = "Bolt", rate = 1, sku = "B" });
        // the code of an internal error too: only the status tells them apart
        Assert.Equal((400, 1000), (await finance.PostAsync("books/v3/items", new { name = "bolt", rate = 2 })).Both);
        Assert.Equal((400, 1001), (await finance.PostAsync("books/v3/items", new { name = "Nut", rate = 2, sku = "b" })).Both);
        await finance.Zoho.ControlAsync(HttpMethod.Post, "faults", new { kind = "status", status = 500, body = """{"code":1000,"message":"Internal error"}""", content_type = "application/json", times = 1 });
        Assert.Equal((500, 1000), (await finance.GetAsync("books/v3/items")).Both);

        var lines = new[] { new { name = "Bolt", rate = 1 } };
        await finance.AddAsync("books/v3/bills", new { vendor_id = first, bill_number = "B 1" });
        Assert.Equal((400, 13011), (await finance.PostAsync("books/v3/bills", new { vendor_id = first, bill_number = " b 1 " })).Both);
        Assert.Equal(201, (await finance.PostAsync("books/v3/bills", new { vendor_id = second, bill_number = "B 1" })).Status);
        foreach (var (entity, number, code) in ((string, string, int)[])[("invoices", "invoice_number", 1001), ("salesorders", "salesorder_number", 36004), ("estimates", "estimate_number", 1001)])
        {
            var body = new Dictionary<string, object> { ["customer_id"] = first, ["line_items"] = lines, [number] = "X-1" };
            Assert.Equal(201, (await finance.PostAsync($"books/v3/{entity}?{OwnNumber}", body)).Status);
            Assert.Equal((400, code), (await finance.PostAsync($"books/v3/{entity}?{OwnNumber}", body)).Both);
        }
    }

    [Fact]
    public async Task A_name_that_a_generated_row_has_is_taken_too()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("contacts", 10);

        Assert.Equal((400, 3062), (await finance.PostAsync("books/v3/contacts", new { contact_name = "Contact 0000007" })).Both);
        Assert.Equal(201, (await finance.PostAsync("books/v3/contacts", new { contact_name = "Customer 0000007" })).Status);
    }

    [Fact]
    public async Task A_number_of_ones_own_counts_only_on_demand()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        object With(string? number) => number is null
            ? new { customer_id = customer, line_items = new[] { new { name = "Bolt", rate = 1 } } }
            : new { customer_id = customer, invoice_number = number, line_items = new[] { new { name = "Bolt", rate = 1 } } };

        Assert.Equal("INV-0000001", (await finance.PostAsync("books/v3/invoices", With(null))).Text("invoice", "invoice_number"));
        Assert.Equal((400, 2), (await finance.PostAsync("books/v3/invoices", With("MY-1"))).Both);
        Assert.Equal((400, 4), (await finance.PostAsync($"books/v3/invoices?{OwnNumber}", With(null))).Both);
        var own = await finance.AddAsync("books/v3/invoices", With("MY-1"), $"?{OwnNumber}");
        Assert.Equal(400, (await finance.PutAsync($"books/v3/invoices/{own}", new { invoice_number = "MY-2" })).Status);
        Assert.Equal("MY-2", (await finance.PutAsync($"books/v3/invoices/{own}?{OwnNumber}", new { invoice_number = "MY-2" })).Text("invoice", "invoice_number"));
    }

    [Fact]
    public async Task Lines_with_their_id_are_changed_others_made_and_those_left_out_gone()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        var item = await finance.AddAsync("books/v3/items", new { name = "Bolt", rate = 2.5 });
        var order = await finance.PostAsync("books/v3/salesorders", new
        {
            customer_id = customer,
            line_items = new object[] { new { item_id = item, quantity = 2 }, new { name = "Free", rate = 10 }, new { item_id = item, rate = 4, quantity = 3 } },
        });
        var lines = order["salesorder"].GetProperty("line_items").EnumerateArray().ToList();
        // without a rate it is the item's
        Assert.Equal([5m, 10m, 12m], lines.Select(line => line.GetProperty("item_total").GetDecimal()));
        Assert.Equal(("27", ""), (order.Text("salesorder", "total"), lines[1].GetProperty("item_id").GetString()));

        var id = order.Text("salesorder", "salesorder_id");
        var changed = await finance.PutAsync($"inventory/v1/salesorders/{id}", new
        {
            line_items = new object[] { new { line_item_id = lines[2].GetProperty("line_item_id").GetString(), quantity = 1 }, new { item_id = item } },
        });
        var after = changed["salesorder"].GetProperty("line_items").EnumerateArray().ToList();
        Assert.Equal([4m, 2.5m], after.Select(line => line.GetProperty("item_total").GetDecimal()));
        Assert.Equal(lines[2].GetProperty("line_item_id").GetString(), after[0].GetProperty("line_item_id").GetString());
        Assert.DoesNotContain(after[1].GetProperty("line_item_id").GetString(), lines.Select(line => line.GetProperty("line_item_id").GetString()));
        Assert.Equal("6.5", changed.Text("salesorder", "total"));
        Assert.Equal((400, 2), (await finance.PutAsync($"books/v3/salesorders/{id}", new { line_items = new[] { new { line_item_id = lines[0].GetProperty("line_item_id").GetString() } } })).Both);
    }

    [Fact]
    public async Task States_change_without_telling_the_row_and_each_product_has_its_own_ways()
    {
        var finance = await world.FreshAsync();
        await finance.Zoho.FreezeAsync();
        var customer = await finance.AddCustomerAsync();
        var lines = new[] { new { name = "Bolt", rate = 5 } };
        var invoice = await finance.AddAsync("books/v3/invoices", new { customer_id = customer, line_items = lines });
        Assert.Equal("draft", (await finance.GetAsync($"books/v3/invoices/{invoice}")).Text("invoice", "status"));
        await finance.Zoho.AdvanceAsync(TimeSpan.FromSeconds(30));

        var answer = await finance.PostAsync($"books/v3/invoices/{invoice}/status/void");

        Assert.Equal((200, "Invoice status has been changed to Void.", 2), (answer.Status, answer["message"].GetString(), answer.Body.EnumerateObject().Count()));
        var voided = (await finance.GetAsync($"books/v3/invoices/{invoice}"))["invoice"];
        Assert.Equal(("void", 5, 5), (voided.GetProperty("status").GetString(), voided.GetProperty("total").GetInt32(), voided.GetProperty("balance").GetInt32()));
        Assert.Equal(30, (TimeOf(voided, "last_modified_time") - TimeOf(voided, "created_time")).TotalSeconds);
        foreach (var (path, state) in ((string, string)[])[("sent", "sent"), ("draft", "draft")])
        {
            await finance.PostAsync($"books/v3/invoices/{invoice}/status/{path}");
            Assert.Equal(state, (await finance.GetAsync($"books/v3/invoices/{invoice}")).Text("invoice", "status"));
        }

        var order = await finance.AddAsync("books/v3/salesorders", new { customer_id = customer });
        Assert.Equal((404, 5), (await finance.PostAsync($"books/v3/salesorders/{order}/status/confirmed")).Both);
        Assert.Equal(200, (await finance.PostAsync($"inventory/v1/salesorders/{order}/status/confirmed")).Status);
        Assert.Equal("open", (await finance.GetAsync($"books/v3/salesorders/{order}")).Text("salesorder", "status"));
        var note = await finance.AddAsync("books/v3/creditnotes", new { customer_id = customer, line_items = lines });
        Assert.Equal(200, (await finance.PostAsync($"inventory/v1/creditnotes/{note}/void")).Status);
        Assert.Equal(404, (await finance.PostAsync($"books/v3/creditnotes/{note}/void")).Status);
        Assert.Equal(200, (await finance.PostAsync($"books/v3/contacts/{customer}/inactive")).Status);
        Assert.Equal("inactive", (await finance.GetAsync($"books/v3/contacts/{customer}")).Text("contact", "status"));
        Assert.Equal(405, (await finance.GetAsync($"books/v3/contacts/{customer}/inactive")).Status);
    }

    [Fact]
    public async Task A_row_is_found_or_made_by_a_custom_field_without_duplicates()
    {
        var finance = await world.FreshAsync();
        await finance.ControlAsync(HttpMethod.Post, "/contacts/custom-fields", new { label = "Ext id", no_duplicates = true });
        await finance.ControlAsync(HttpMethod.Post, "/contacts/custom-fields", new { label = "Plain" });
        Task<FinanceReply> Upsert(string key, string value, string? upsert, string name, string product = "books/v3") => finance.PutAsync(
            $"{product}/contacts", new { contact_name = name, custom_fields = new[] { new { api_name = "cf_ext_id", value } } },
            [("X-Unique-Identifier-Key", key), ("X-Unique-Identifier-Value", value), .. upsert is null ? [] : new[] { ("X-Upsert", upsert) }]);

        Assert.Equal((404, 1002), (await Upsert("cf_ext_id", "A-77", null, "New")).Both);
        var made = await Upsert("cf_ext_id", "A-77", "true", "New");
        Assert.Equal(201, made.Status);
        var found = await Upsert("cf_ext_id", "A-77", "true", "Renamed");
        Assert.Equal((200, made.Text("contact", "contact_id"), "Renamed"), (found.Status, found.Text("contact", "contact_id"), found.Text("contact", "contact_name")));
        Assert.Equal((400, 2), (await finance.PutAsync(
            "books/v3/contacts", new { contact_name = "Other" }, ("X-Unique-Identifier-Key", "cf_plain"), ("X-Unique-Identifier-Value", "A-77"), ("X-Upsert", "true"))).Both);
        Assert.Equal((405, 36), (await Upsert("cf_ext_id", "A-77", "true", "Other", "inventory/v1")).Both);
        // nobody else may have the value
        Assert.Equal(400, (await finance.PostAsync("books/v3/contacts", new { contact_name = "Twin", custom_fields = new[] { new { label = "Ext id", value = "A-77" } } })).Status);
    }

    [Fact]
    public async Task Custom_fields_alone_are_set_by_a_bare_array_under_the_singular()
    {
        var finance = await world.FreshAsync();
        var field = await finance.ControlAsync(HttpMethod.Post, "/contacts/custom-fields", new { label = "Plant" });
        var customer = await finance.AddCustomerAsync();
        var values = new[] { new { customfield_id = field.GetProperty("customfield_id").GetString(), value = "N1" } };

        Assert.Equal((404, 5), (await finance.PutAsync($"books/v3/contacts/{customer}/customfields", values)).Both);
        Assert.Equal(200, (await finance.PutAsync($"books/v3/contact/{customer}/customfields", values)).Status);
        Assert.Equal("N1", (await finance.GetAsync("books/v3/contacts")).Rows("contacts")[0].GetProperty("cf_plant").GetString());
        await finance.PutAsync($"books/v3/contact/{customer}/customfields", new[] { new { api_name = "cf_plant", value = "" } });
        Assert.False((await finance.GetAsync("books/v3/contacts")).Rows("contacts")[0].TryGetProperty("cf_plant", out _));
    }

    [Fact]
    public async Task A_contact_takes_names_and_addresses_from_its_persons_and_not_from_the_root()
    {
        var finance = await world.FreshAsync();
        var reply = await finance.PostAsync("books/v3/contacts", new
        {
            contact_name = "Sample Bakery",
            email = "root@example.com",
            billing_address = new { city = "Oslo", planet = "Mars" },
            contact_persons = new object[] { new { first_name = "Otto", email = "otto@example.com" }, new { first_name = "Nora", email = "nora@example.com", is_primary_contact = true } },
        });

        var contact = reply["contact"];
        Assert.Equal(("Nora", "nora@example.com"), (contact.GetProperty("first_name").GetString(), contact.GetProperty("email").GetString()));
        Assert.Equal("Oslo", contact.GetProperty("billing_address").GetProperty("city").GetString());
        Assert.False(contact.GetProperty("billing_address").TryGetProperty("planet", out _));
        var row = (await finance.GetAsync("books/v3/contacts")).Rows("contacts")[0];
        Assert.False(row.TryGetProperty("billing_address", out _) || row.TryGetProperty("contact_persons", out _) || row.TryGetProperty("notes", out _));
        Assert.Equal(("Sample Bakery", "Sample Bakery"), (row.GetProperty("customer_name").GetString(), row.GetProperty("vendor_name").GetString()));
    }

    [Fact]
    public async Task A_payment_changes_its_invoice_and_a_voided_invoice_lets_it_go()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        var invoice = await finance.AddAsync("books/v3/invoices", new { customer_id = customer, line_items = new[] { new { name = "Bolt", rate = 100 } } });
        object Pay(int amount) => new { customer_id = customer, payment_mode = "Cash", amount, date = "2026-03-01", invoices = new[] { new { invoice_id = invoice, amount_applied = amount } } };

        var first = await finance.AddAsync("books/v3/customerpayments", Pay(40));
        Assert.Equal(("partially_paid", 60), await StateAsync());
        Assert.Equal(400, (await finance.PostAsync("books/v3/customerpayments", Pay(61))).Status);
        var second = await finance.AddAsync("books/v3/customerpayments", Pay(60));
        Assert.Equal(("paid", 0), await StateAsync());
        Assert.Equal((400, 4001), (await finance.DeleteAsync($"books/v3/invoices/{invoice}")).Both);

        await finance.DeleteAsync($"books/v3/customerpayments/{second}");
        Assert.Equal(("partially_paid", 60), await StateAsync());
        await finance.PostAsync($"books/v3/invoices/{invoice}/status/void");
        Assert.Equal(("void", 100), await StateAsync());
        var payment = (await finance.GetAsync($"books/v3/customerpayments/{first}"))["payment"];
        Assert.Equal((40, 0), (payment.GetProperty("unused_amount").GetInt32(), payment.GetProperty("invoices").GetArrayLength()));

        async Task<(string?, decimal)> StateAsync()
        {
            var one = (await finance.GetAsync($"books/v3/invoices/{invoice}"))["invoice"];
            return (one.GetProperty("status").GetString(), one.GetProperty("balance").GetDecimal());
        }
    }

    [Fact]
    public async Task Some_orders_are_listed_by_their_ids_without_lines()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("salesorders", 10);
        var ids = (await finance.GetAsync("books/v3/salesorders")).Rows("salesorders").Select(row => row.GetProperty("salesorder_id").GetString()!).ToList();

        var found = await finance.GetAsync($"books/v3/salesorders?salesorder_ids={ids[3]},{ids[5]}");

        Assert.Equal([ids[3], ids[5]], found.Rows("salesorders").Select(row => row.GetProperty("salesorder_id").GetString()));
        Assert.False(found.Rows("salesorders")[0].TryGetProperty("line_items", out _));
        Assert.Equal((400, 2), (await finance.GetAsync($"books/v3/salesorders?salesorder_ids={string.Join(',', Enumerable.Range(1, 201))}")).Both);
    }

    [Fact]
    public async Task What_is_used_is_not_deleted()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        var item = await finance.AddAsync("books/v3/items", new { name = "Bolt", rate = 1 });
        var order = await finance.AddAsync("books/v3/salesorders", new { customer_id = customer, line_items = new[] { new { item_id = item } } });

        Assert.Equal((400, 3000), (await finance.DeleteAsync($"books/v3/contacts/{customer}")).Both);
        Assert.Equal((400, 2049), (await finance.DeleteAsync($"books/v3/items/{item}")).Both);
        await finance.DeleteAsync($"books/v3/salesorders/{order}");
        Assert.Equal(200, (await finance.DeleteAsync($"books/v3/contacts/{customer}")).Status);
        Assert.Equal(200, (await finance.DeleteAsync($"books/v3/items/{item}")).Status);
    }

    [Fact]
    public async Task A_parent_is_named_in_the_query_and_dropped_from_a_body()
    {
        var finance = await world.FreshAsync();
        var customer = await finance.AddCustomerAsync();
        var order = await finance.PostAsync("inventory/v1/salesorders", new { customer_id = customer, line_items = new[] { new { name = "Bolt", rate = 1 } } });
        var id = order.Text("salesorder", "salesorder_id");
        var line = order["salesorder"].GetProperty("line_items")[0].GetProperty("line_item_id").GetString();
        var body = new { salesorder_id = id, date = "2026-03-01", line_items = new[] { new { so_line_item_id = line, quantity = 2 } } };

        Assert.Equal((400, 4), (await finance.PostAsync("inventory/v1/packages", body)).Both);
        var package = await finance.PostAsync($"inventory/v1/packages?salesorder_id={id}", body);
        Assert.Equal((201, id, "2"), (package.Status, package.Text("package", "salesorder_id"), package.Text("package", "total_quantity")));
        Assert.Equal(JsonValueKind.String, package["package"].GetProperty("total_quantity").ValueKind);
        // of packages these are not documented to narrow a list
        Assert.Single((await finance.GetAsync("inventory/v1/packages?salesorder_id=1&package_number=none")).Rows("packages"));

        var invoice = await finance.AddAsync("books/v3/invoices", new { customer_id = customer, line_items = new[] { new { name = "Bolt", rate = 1 } } });
        var note = new { customer_id = customer, invoice_id = invoice, line_items = new[] { new { name = "Bolt", rate = 1 } } };
        Assert.Equal("", (await finance.PostAsync("books/v3/creditnotes", note)).Text("creditnote", "invoice_id"));
        Assert.Equal(invoice, (await finance.PostAsync($"books/v3/creditnotes?invoice_id={invoice}", note)).Text("creditnote", "invoice_id"));
    }

    [Fact]
    public async Task A_generated_row_can_be_changed_and_keeps_what_was_not_named()
    {
        var finance = await world.FreshAsync();
        await finance.GenerateAsync("contacts", 10);
        await finance.GenerateAsync("invoices", 60, lines: 3);
        foreach (var row in (await finance.GetAsync("books/v3/invoices?per_page=20")).Rows("invoices"))
        {
            var path = $"books/v3/invoices/{row.GetProperty("invoice_id")}";
            var before = (await finance.GetAsync(path))["invoice"];
            await finance.PutAsync(path, new { notes = "Later" });
            var after = (await finance.GetAsync(path))["invoice"];

            foreach (var name in (string[])["status", "customer_id", "customer_name", "total", "balance", "invoice_number", "line_items", "created_time"])
            {
                Assert.Equal(before.GetProperty(name).ToString(), after.GetProperty(name).ToString());
            }
        }

        Assert.Equal(60, (await finance.GetAsync("books/v3/invoices")).Rows("invoices").Count);
    }

    private static async Task<object> BodyAsync(FinanceCaller finance, string entity)
    {
        var party = entity is "contacts" or "items" ? "" : await finance.AddCustomerAsync();
        var lines = new[] { new { name = "Bolt", rate = 3, quantity = 2 } };
        return entity switch
        {
            "contacts" => new { contact_name = "Sample" },
            "items" => new { name = "Sample", rate = 2 },
            "customerpayments" => new { customer_id = party, payment_mode = "Cash", amount = 10, date = "2026-03-01" },
            "expenses" => new { account_id = "46001", paid_through_account_id = "46002", amount = 10, date = "2026-03-01" },
            "bills" => new { vendor_id = party, bill_number = "B1", date = "2026-03-01", due_date = "2026-04-01", line_items = lines },
            "purchaseorders" => new { vendor_id = party, line_items = lines },
            _ => new { customer_id = party, line_items = lines },
        };
    }

    private static DateTimeOffset TimeOf(JsonElement json, string name) =>
        DateTimeOffset.Parse(json.GetProperty(name).GetString()!, System.Globalization.CultureInfo.InvariantCulture);
}
